"""How fast and at what cost a system works off a backlog, and whether every notification is there in the end."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import TopicPartition

from harness.failure import Failure
from harness.running import Running, System

from . import outputs
from .broker import Broker
from .group import Group
from .topics import INPUTS, OUTPUTS, Topics

TICK = 0.1
# Less than this part of the backlog says nothing about the rate.
LEAST_SHARE = 0.3


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


@dataclass(frozen=True)
class Sample:
    time: float
    done: int
    cpu: float
    broker_cpu: float | None


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
        address = self._broker.address
        with (
            Group(self._topics, group) as progress,
            Running(system, log, KAFKA_BROKERS=address, KAFKA_GROUP_ID=group) as running,
        ):
            first, last = self._follow(running, progress)
            peak = running.peak_mb()
        return self._result(first, last, peak)

    def _follow(self, running: Running, group: Group) -> tuple[Sample, Sample]:
        """From the first progress of the whole group to the last event, so that the start is left out."""
        first, deadline = None, time.monotonic() + self._limit
        while True:
            sample = self._sample(running, group)
            if sample.done >= self._total:
                break
            if first is None and sample.done > 0 and group.has_settled(running.system.instances):
                first = sample
            running.check()
            if sample.time > deadline:
                raise Failure(
                    f"{running.system.name} did not finish: {sample.done:,} of {self._total:,} events are committed "
                    f"after {self._limit:g} s"
                )
            time.sleep(TICK)
        if first is None or sample.done - first.done < LEAST_SHARE * self._total:
            raise Failure(f"{running.system.name} was done too soon to be measured: more --events are needed")
        return first, sample

    def _sample(self, running: Running, group: Group) -> Sample:
        done = group.committed()
        return Sample(time.monotonic(), done, running.cpu_seconds(), self._broker.cpu_seconds())

    def _result(self, first: Sample, last: Sample, peak: float) -> Drain:
        events = last.done - first.done
        broker_us = None
        if first.broker_cpu is not None and last.broker_cpu is not None:
            broker_us = (last.broker_cpu - first.broker_cpu) * 1e6 / events
        ends = self._topics.ends(OUTPUTS)
        counts = outputs.count(self._broker.address, ends)
        missing = {channel: number - counts[f"notifications.{channel}"] for channel, number in self._expected.items()}
        written = self._broker.log_bytes(ends)
        return Drain(
            events_per_second=events / (last.time - first.time),
            cpu_us=(last.cpu - first.cpu) * 1e6 / events,
            broker_us=broker_us,
            peak_mb=peak,
            markers_per_event=markers(ends, sum(counts.values())) / self._total,
            bytes_out=None if written is None else written / self._total,
            lost=sum(number for number in missing.values() if number > 0),
            added=-sum(number for number in missing.values() if number < 0),
        )


def markers(ends: list[TopicPartition], records: int) -> int:
    """Offsets without a record: each commit leaves one in every partition that the transaction touched."""
    return sum(end.offset for end in ends) - records
