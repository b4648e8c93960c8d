"""The whole pipeline as a user runs it, with receivers behind every channel."""

from __future__ import annotations

from typing import Any

from localhub.kafka import Broker, Record, TopicReader
from localhub.processes import EXECUTABLES, Service
from localhub.providers import TWILIO_ACCOUNT, SlackReceiver, TwilioReceiver, WebhookReceiver
from localhub.smtp_receiver import SMTPReceiver

from .config import ConfigFolder
from .launcher import Launcher
from .names import CHANNELS, SLACK_PATH, TWILIO_TOKEN, WEBHOOK_SECRET

EVENTS_DLQ = "events.dlq"
STATUS = "notifications.status"


class Hub:
    def __init__(self, broker: Broker, launcher: Launcher, config: ConfigFolder, **environment: str) -> None:
        self.broker, self.config, self._launcher = broker, config, launcher
        self.mail = SMTPReceiver()
        self.twilio = TwilioReceiver(token=TWILIO_TOKEN)
        self.slack, self.webhook = SlackReceiver(), WebhookReceiver(WEBHOOK_SECRET)
        self.environment = receiver_environment(self) | environment
        self.notifications = TopicReader(broker, [f"notifications.{channel}" for channel in CHANNELS])
        self.outcomes = TopicReader(broker, [EVENTS_DLQ, STATUS, *(f"notifications.{c}.dlq" for c in CHANNELS)])
        self.services: dict[str, Service] = {}

    def start(self, *names: str) -> Hub:
        for name in names or EXECUTABLES:
            self.services[name] = self._launcher.start(name, self.environment, ready=False)
        for service in self.services.values():
            service.wait_ready()
        return self

    @property
    def core(self) -> Service:
        return self.services["core-service"]

    def publish(self, event: dict[str, Any], topic: str = "order.events", key: str | None = None) -> Record:
        return self.broker.publish(topic, event, key)

    def notification(self, event_id: str, channel: str, timeout: float = 20) -> Record:
        """The notification of an event on a channel's topic."""
        return self.notifications.records.one(
            lambda r: r.topic == f"notifications.{channel}" and r.json["event"]["id"] == event_id,
            timeout, f"{channel} notification of {event_id}",
        )  # fmt: skip

    def all_notifications(self, event_id: str) -> list[Record]:
        return self.notifications.records.all(lambda r: r.json["event"]["id"] == event_id)

    def dead_event(self, origin: Record, timeout: float = 20) -> Record:
        """The record in events.dlq of an input record."""

        def same(record: Record) -> bool:
            place = (record.header("x-dlq-original-partition"), record.header("x-dlq-original-offset"))
            where = (origin.topic, str(origin.partition), str(origin.offset))
            return record.topic == EVENTS_DLQ and (record.header("x-dlq-original-topic"), *place) == where

        return self.outcomes.records.one(same, timeout, "record in events.dlq")

    def status(self, timeout: float = 20, **fields: Any) -> dict:
        """A status record with these fields."""
        return self.outcomes.records.one(
            lambda r: r.topic == STATUS and all(r.json.get(name) == value for name, value in fields.items()),
            timeout, f"status {fields}",
        ).json  # fmt: skip

    def channel_dead_letter(self, channel: str, event_id: str, timeout: float = 20) -> Record:
        return self.outcomes.records.one(
            lambda r: r.topic == f"notifications.{channel}.dlq" and r.json["event"]["id"] == event_id,
            timeout, f"{channel} dead letter of {event_id}",
        )  # fmt: skip

    def close(self) -> None:
        self.notifications.close()
        self.outcomes.close()


def receiver_environment(hub: Hub) -> dict[str, str]:
    return {
        "KAFKA_BROKERS": hub.broker.address,
        "CONFIG_DIR": str(hub.config.path),
        "ALLOW_NETWORKS": "127.0.0.0/8",
        "BACKOFF_BASE_DELAY_MS": "50",
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(hub.mail.port),
        "SMTP_TLS": "off",
        "EMAIL_FROM": "NotificationHub <hello@sender.example>",
        "TWILIO_BASE_URL": hub.twilio.url,
        "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT,
        "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_FROM": "+15005550006",
        "ORDERS_WEBHOOK_URL": f"{hub.webhook.url}/orders",
        "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "SLACK_WEBHOOK_URL": f"{hub.slack.url}/services/{SLACK_PATH}",
    }
