"""The topics of the channels' benchmark."""

from __future__ import annotations

CHANNELS = ("webhook", "email")
TIERS = ("30s", "5m", "30m")
STATUS = "notifications.status"


def of(channel: str) -> str:
    return f"notifications.{channel}"


def retries(channel: str) -> tuple[str, ...]:
    return tuple(f"{of(channel)}.retry.{tier}" for tier in TIERS)


def others(channel: str) -> tuple[str, ...]:
    """What a consumer may write to."""
    return (*retries(channel), f"{of(channel)}.dlq", STATUS)


# The core's, for the way from an event on.
EVENTS = ("order.events", "payment.events", "user.events")
CORE_OTHERS = ("notifications.sms", "notifications.slack", "events.dlq")
ALL = tuple(dict.fromkeys([*(t for c in CHANNELS for t in (of(c), *others(c))), *EVENTS, *CORE_OTHERS]))
