"""Names and values that the tests use everywhere."""

from __future__ import annotations

import base64
import itertools
import uuid

from localhub.providers import TWILIO_ACCOUNT

CHANNELS = ("email", "sms", "webhook", "slack")
INPUT_TOPICS = ("order.events", "payment.events", "user.events")

# Whatever the services say about their work must hold none of these. Every recipient of the tests lives in this domain or
# has a number that starts so; the secrets are used nowhere else.
PLANTED_DOMAIN = "recipient-leak.example"
PLANTED_PHONE = "+4179555"
SMTP_PASSWORD = "smtp-password-7f3a91"
TWILIO_TOKEN = "twilio-token-5be01c"
KAFKA_PASSWORD = "scram-password-41c7de"
SLACK_PATH = "slack-path-93d2aa"
WEBHOOK_SECRET = "whsec_" + "ZW5kLXRvLWVuZC10ZXN0cy1zZWNyZXQtMDAwMDAwMDE="
URL_TOKEN = "url-token-c41d7e"
HEADER_TOKEN = "header-token-08bb52"
SASL_PASSWORD = "sasl-password-64e0fd"
ROTATED_SECRET = "whsec_" + "ZW5kLXRvLWVuZC10ZXN0cy1zZWNyZXQtMDAwMDAwMDI="
PLANTED = {
    "a recipient's address": PLANTED_DOMAIN,
    "a recipient's phone": PLANTED_PHONE.lstrip("+"),
    "the SMTP password": SMTP_PASSWORD,
    "the Twilio token": TWILIO_TOKEN,
    "the Kafka password": KAFKA_PASSWORD,
    "the Slack URL": SLACK_PATH,
    "the Twilio token as it is sent": base64.b64encode(f"{TWILIO_ACCOUNT}:{TWILIO_TOKEN}".encode()).decode(),
    "the SMTP password as it is sent": base64.b64encode(f"\0ada\0{SMTP_PASSWORD}".encode()).decode(),
    "a token in a URL": URL_TOKEN,
    "a token in a header": HEADER_TOKEN,
    "the password for Kafka": SASL_PASSWORD,
    "a webhook secret": WEBHOOK_SECRET.removeprefix("whsec_"),
    "the rotated webhook secret": ROTATED_SECRET.removeprefix("whsec_"),
}

_phones = itertools.count(1000)


def unique(prefix: str) -> str:
    return f"{prefix}-{uuid.uuid4().hex[:10]}"


def new_address(local: str = "user") -> str:
    return f"{unique(local)}@{PLANTED_DOMAIN}"


def new_phone() -> str:
    return f"{PLANTED_PHONE}{next(_phones)}"


def notification_id(source: str, event_id: str, route: str, channel: str, recipient: str) -> str:
    """The id that DESIGN.md prescribes, by Python's own uuid5."""
    return str(uuid.uuid5(uuid.NAMESPACE_URL, "\n".join((source, event_id, route, channel, recipient))))
