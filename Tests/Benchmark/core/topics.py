"""The topics of the core's benchmark."""

from __future__ import annotations

INPUTS = ("order.events", "payment.events", "user.events")
CHANNELS = ("email", "sms", "webhook", "slack")
OUTPUTS = tuple(f"notifications.{channel}" for channel in CHANNELS)
# Nothing of interest is written to these.
OTHERS = ("events.dlq", "notifications.status")
ALL = INPUTS + OUTPUTS + OTHERS
