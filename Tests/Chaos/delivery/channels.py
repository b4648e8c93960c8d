"""The channels under test, and how much of the load is theirs."""

from __future__ import annotations

from dataclasses import dataclass

from confluent_kafka import TopicPartition
from confluent_kafka.admin import NewTopic

# Short ones, so that a run sees all of them again and again.
TIERS = ("1s", "2s", "4s")
TIER_SECONDS = (1.0, 2.0, 4.0)
RETRY_PARTITIONS = 2
# Small segments: a broker that was killed reads its newest ones again before it serves.
CONFIG = {"segment.bytes": str(16 << 20)}


@dataclass(frozen=True)
class Channel:
    name: str
    share: int  # of a hundred notifications
    instances: int
    partitions: int

    @property
    def executable(self) -> str:
        return f"{self.name}-consumer"


WEBHOOK = Channel("webhook", 75, 3, 4)
EMAIL = Channel("email", 17, 2, 3)
SLACK = Channel("slack", 4, 1, 1)
SMS = Channel("sms", 4, 1, 1)
CHANNELS = (WEBHOOK, EMAIL, SLACK, SMS)


class Topics:
    """The topics and groups of one run: several runs can share a broker."""

    def __init__(self, prefix: str, channels: tuple[Channel, ...]) -> None:
        self._prefix, self.channels = prefix, channels
        self.status = f"{prefix}notifications.status"

    def main(self, channel: Channel) -> str:
        return f"{self._prefix}notifications.{channel.name}"

    def dead_letters(self, channel: Channel) -> str:
        return f"{self.main(channel)}.dlq"

    def retries(self, channel: Channel) -> list[str]:
        return [f"{self.main(channel)}.retry.{tier}" for tier in TIERS]

    def group(self, channel: Channel) -> str:
        return f"{self._prefix}{channel.name}"

    def outputs(self) -> dict[str, int]:
        """What the consumers write, with the number of partitions."""
        topics = {self.status: RETRY_PARTITIONS}
        for channel in self.channels:
            topics |= dict.fromkeys(self.retries(channel), RETRY_PARTITIONS) | {self.dead_letters(channel): 1}
        return topics

    def to_make(self) -> list[NewTopic]:
        counts = self.outputs() | {self.main(channel): channel.partitions for channel in self.channels}
        return [make(name, count) for name, count in counts.items()]

    def mains(self, channel: Channel) -> list[TopicPartition]:
        return [TopicPartition(self.main(channel), number) for number in range(channel.partitions)]

    def groups(self) -> dict[str, list[TopicPartition]]:
        """Every group with the partitions that it reads."""
        found = {}
        for channel in self.channels:
            found[self.group(channel)] = self.mains(channel)
            for tier, topic in zip(TIERS, self.retries(channel)):
                partitions = [TopicPartition(topic, number) for number in range(RETRY_PARTITIONS)]
                found[f"{self.group(channel)}-retry-{tier}"] = partitions
        return found


def make(name: str, partitions: int) -> NewTopic:
    return NewTopic(name, partitions, 1, config=CONFIG)
