"""The topics of one run: several runs can share a broker."""

from __future__ import annotations

from confluent_kafka.admin import NewTopic

PARTITIONS = 3
INPUTS = ("order.events", "payment.events", "user.events")
CHANNELS = ("email", "sms", "webhook", "slack")
# Small segments: a broker that was killed reads its newest ones again before it serves.
CONFIG = {"segment.bytes": str(16 << 20)}


class Topics:
    def __init__(self, prefix: str) -> None:
        self.group = f"{prefix}core"
        self.inputs = [prefix + name for name in INPUTS]
        self.channels = {channel: f"{prefix}notifications.{channel}" for channel in CHANNELS}
        self.dead_letters = f"{prefix}events.dlq"
        self.status = f"{prefix}notifications.status"

    @property
    def outputs(self) -> list[str]:
        """In the order of the bits in which the checker remembers what it has seen."""
        return [*self.channels.values(), self.dead_letters, self.status]

    def to_make(self) -> list[NewTopic]:
        return [make(name) for name in self.inputs + self.outputs]


def make(name: str) -> NewTopic:
    return NewTopic(name, PARTITIONS, 1, config=CONFIG)
