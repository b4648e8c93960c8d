"""One channel's consumer with topics, group and retry tiers of its own, and a receiver behind it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from confluent_kafka.admin import NewTopic

from localhub.kafka import Broker, Headers, Record, TopicReader
from localhub.processes import Service

from .config import ConfigFolder
from .launcher import Launcher
from .names import unique
from .notifications import headers_of

class Rig:
    def __init__(
        self, broker: Broker, launcher: Launcher, config: ConfigFolder, channel: str, environment: dict[str, str], partitions: int
    ) -> None:
        self.broker, self.channel, self.config = broker, channel, config
        self._launcher = launcher
        self.topic = unique(f"e2e.{channel}")
        self.dlq_topic = f"{self.topic}.dlq"
        self.group = unique(f"e2e-{channel}")
        self.tiers = ["300ms", "2s"]
        self.retry_topics = [f"{self.topic}.retry.{tier}" for tier in self.tiers]
        self.environment = {
            "KAFKA_BROKERS": broker.address,
            "KAFKA_TOPIC": self.topic,
            "KAFKA_DLQ_TOPIC": self.dlq_topic,
            "KAFKA_GROUP_ID": self.group,
            "RETRY_TIERS": ",".join(self.tiers),
            "BACKOFF_BASE_DELAY_MS": "20",
            "CONFIG_DIR": str(config.path),
            "ALLOW_NETWORKS": "127.0.0.0/8",
            "DRAIN_TIMEOUT": "10s",
        } | environment
        names = [self.topic, self.dlq_topic, *self.retry_topics]
        # The main topic takes more than a notification may have, to see what becomes of it.
        limits = {self.topic: "8388608", self.dlq_topic: "2097152"}
        broker.create_topics(
            [
                NewTopic(
                    n, partitions if n == self.topic else 1, 1, config={"max.message.bytes": limits[n]} if n in limits else {}
                )
                for n in names
            ]
        )
        self._records = TopicReader(broker, [self.dlq_topic, *self.retry_topics, "notifications.status"])

    def start(self, ready: bool = True, wrapper: tuple[str, ...] = (), **environment: str) -> Service:
        name = f"{self.channel}-consumer"
        return self._launcher.start(name, self.environment | environment, ready=ready, wrapper=wrapper)

    def publish(self, *notifications: dict[str, Any], key: str | None = None) -> list[Record]:
        return self.broker.publish_all([(self.topic, n, key or n["user_id"], headers_of(n)) for n in notifications])

    def publish_raw(self, value: bytes | None, key: str | None = None, headers: Headers | None = None) -> Record:
        return self.broker.publish(self.topic, value, key, headers)

    def statuses(self, notification: dict[str, Any], count: int = 1, timeout: float = 20) -> list[dict]:
        """The status records of a notification, at least `count`, in their order."""
        records = self._records.records.wait(
            count, lambda r: r.topic == "notifications.status" and r.json.get("id") == notification["id"], timeout, "statuses"
        )
        return [record.json for record in records]

    def known_statuses(self, ids: set[str]) -> list[dict]:
        """The statuses of these notifications that have come until now."""
        records = self._records.records.all(lambda r: r.topic == "notifications.status")
        return [status for record in records if (status := record.json).get("id") in ids]

    def ends(self, ids: set[str]) -> list[dict]:
        """The final statuses of these notifications that have come until now."""
        return [status for status in self.known_statuses(ids) if status["final"]]

    def final_status(self, notification: dict[str, Any], timeout: float = 20) -> dict:
        return self._records.records.one(
            lambda r: r.topic == "notifications.status" and r.json.get("id") == notification["id"] and r.json["final"] is True,
            timeout, f"final status of {notification['id']}",
        ).json  # fmt: skip

    def dead_letter(self, origin: Record, timeout: float = 20) -> Record:
        """The dead letter of a record."""
        return self._records.records.one(
            lambda r: r.topic == self.dlq_topic and r.key == origin.key and r.value == origin.value, timeout, "dead letter"
        )

    def retries(self, origin: Record, count: int = 1, timeout: float = 20) -> list[Record]:
        return self._records.records.wait(
            count, lambda r: r.topic in self.retry_topics and r.key == origin.key and r.value == origin.value, timeout, "retries"
        )

    def wait_dead_letters(self, matching: Callable[[Record], bool], count: int = 1, timeout: float = 20) -> list[Record]:
        return self._records.records.wait(
            count, lambda r: r.topic == self.dlq_topic and matching(r), timeout, "dead letters"
        )

    def dead_letters(self) -> list[Record]:
        return self._records.records.all(lambda r: r.topic == self.dlq_topic)

    def is_idle(self) -> bool:
        """Whether everything is committed, of the main topic and of the retry topics."""
        groups = [self.group] + [f"{self.group}-retry-{tier}" for tier in self.tiers]
        topics = [self.topic, *self.retry_topics]
        return all(self.broker.lag(group, topic) == 0 for group, topic in zip(groups, topics, strict=True))

    def close(self) -> None:
        self._records.close()
