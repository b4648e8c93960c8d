"""What a test needs to drive any of the four channels in the same way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from localhub.http_receiver import HTTPReceiver
from localhub.providers import TWILIO_ACCOUNT, SlackReceiver, TwilioReceiver
from localhub.smtp_receiver import SMTPReceiver

from . import notifications
from .names import SLACK_PATH, TWILIO_TOKEN, WEBHOOK_SECRET


@dataclass(frozen=True)
class Channel:
    """A channel with a receiver that takes everything."""

    receive: Callable[[], Any]
    environment: Callable[[Any], dict[str, str]]
    notification: Callable[..., dict[str, Any]]


CHANNELS = {
    "email": Channel(
        SMTPReceiver,
        lambda r: {
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(r.port),
            "SMTP_TLS": "off",
            "EMAIL_FROM": "Shop <hello@sender.example>",
        },
        notifications.email,
    ),
    "sms": Channel(
        lambda: TwilioReceiver(token=TWILIO_TOKEN),
        lambda r: {
            "TWILIO_BASE_URL": r.url,
            "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "TWILIO_FROM": "+15005550006",
        },
        notifications.sms,
    ),
    "webhook": Channel(
        lambda: HTTPReceiver("endpoint"),
        lambda r: {"ORDERS_WEBHOOK_URL": r.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET},
        notifications.webhook,
    ),
    "slack": Channel(
        SlackReceiver, lambda r: {"SLACK_WEBHOOK_URL": f"{r.url}/services/{SLACK_PATH}"}, notifications.slack
    ),
}
