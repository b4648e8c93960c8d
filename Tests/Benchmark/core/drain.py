"""How fast and at what cost a system works off a backlog, and whether every notification is there in the end."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import TopicPartition

from harness.broker import Broker
from harness.drain import Pace, follow
from harness.group import Group
from harness.running import Running, System
from harness.topics import Topics

from . import outputs
from .topics import INPUTS, OUTPUTS


@dataclass(frozen=True)
class Drain:
    """What one system has shown."""

    events_per_second: float
    cpu_us: float  # per event, of all instances
    broker_us: float | None  # per event
    peak_mb: float  # of the largest instance
    markers_per_event: float  # transaction markers in the output topics
    bytes_out: float | None  # per event, as stored
    lost: int
    added: int  # notifications more than there should be


class Drains:
    """Measures one system after another on the same backlog."""

    def __init__(self, topics: Topics, broker: Broker, expected: dict[str, int], logs: Path, limit: float) -> None:
        self._topics, self._broker, self._expected = topics, broker, expected
        self._logs, self._limit = logs, limit
        self._total = sum(end.offset for end in topics.ends(INPUTS))

    def measure(self, system: System) -> Drain:
        self._topics.renew(OUTPUTS)
        group = f"bench-{uuid.uuid4().hex[:8]}"
        log = self._logs / f"drain-{system.name.replace(' ', '-')}.log"
        with (
            Group(self._topics, group, INPUTS) as progress,
            Running(system, log, KAFKA_BROKERS=self._broker.address, KAFKA_GROUP_ID=group) as running,
        ):
            pace = follow(running, progress, self._broker, self._total, self._limit)
            peak = running.peak_mb()
        return self._result(pace, peak)

    def _result(self, pace: Pace, peak: float) -> Drain:
        ends = self._topics.ends(OUTPUTS)
        counts = outputs.count(self._broker.address, ends)
        missing = {channel: number - counts[f"notifications.{channel}"] for channel, number in self._expected.items()}
        written = self._broker.log_bytes(ends)
        return Drain(
            events_per_second=pace.per_second,
            cpu_us=pace.cpu_us,
            broker_us=pace.broker_us,
            peak_mb=peak,
            markers_per_event=markers(ends, sum(counts.values())) / self._total,
            bytes_out=None if written is None else written / self._total,
            lost=sum(number for number in missing.values() if number > 0),
            added=-sum(number for number in missing.values() if number < 0),
        )


def markers(ends: list[TopicPartition], records: int) -> int:
    """Offsets without a record: each commit leaves one in every partition that the transaction touched."""
    return sum(end.offset for end in ends) - records
