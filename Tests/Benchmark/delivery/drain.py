"""How fast and at what cost a consumer delivers a backlog: from the record to the committed offset, status included."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from harness.broker import Broker
from harness.drain import follow
from harness.group import Group
from harness.publisher import Publisher
from harness.running import Running, System
from harness.topics import Topics

from . import topics as names
from .notifications import Headers
from .programs import PostfixSink, Receiver


@dataclass(frozen=True)
class Drain:
    per_second: float
    cpu_us: float  # per delivery
    broker_us: float | None  # per delivery
    peak_mb: float
    lost: int  # deliveries without a status record, or that the receiver has not seen
    added: int  # deliveries more than there should be


class Backlog:
    """Notifications in a channel's topic, to be delivered again and again, each time by a new group."""

    def __init__(self, topics: Topics, broker: Broker, logs: Path, channel: str, limit: float) -> None:
        self._topics, self._broker, self._logs = topics, broker, logs
        self._channel, self._limit = channel, limit
        self._count = 0
        topics.renew((names.of(channel),))

    def publish(self, count: int, record) -> None:
        """`record(number)` gives key, value and headers."""
        publisher = Publisher(self._topics.address, linger_ms=20, **{"compression.type": "lz4"})
        topic = names.of(self._channel)

        def put(number: int) -> None:
            key, value, headers = record(number)
            publisher.put(topic, key, value, headers)

        publisher.all(count, put)
        self._count = count

    def deliver(self, system: System, receiver: Receiver | PostfixSink) -> Drain:
        self._topics.renew(names.others(self._channel))
        if isinstance(receiver, Receiver):
            receiver.reset()
        group = f"bench-{uuid.uuid4().hex[:8]}"
        inputs = (names.of(self._channel),)
        with (
            Group(self._topics, group, inputs) as progress,
            Running(
                system, self._logs / f"{system.name.replace(' ', '-')}.log",
                KAFKA_BROKERS=self._broker.address, KAFKA_GROUP_ID=group,
            ) as running,
        ):  # fmt: skip
            pace = follow(running, progress, self._broker, self._count, self._limit)
            peak = running.peak_mb()
        counts = [sum(end.offset for end in self._topics.ends((names.STATUS,)))]
        if isinstance(receiver, Receiver):
            stats = receiver.stats()
            counts.append(int(stats.get("answered", stats.get("taken", 0))))
        return Drain(
            pace.per_second, pace.cpu_us, pace.broker_us, peak,
            lost=self._count - min(self._count, *counts), added=max(self._count, *counts) - self._count,
        )  # fmt: skip
