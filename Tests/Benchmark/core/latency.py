"""How long an event takes to become a committed notification, at a steady rate, as a consumer of it sees."""

from __future__ import annotations

import re
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Message

from harness.broker import Broker
from harness.failure import Failure
from harness.group import Group
from harness.running import Running, System
from harness.topics import Topics

from .backlog import EventPublisher
from .events import notifications_of
from .outputs import Reader
from .topics import INPUTS, OUTPUTS

# Every event of the load has a mail, so the mails show them all.
READ = ("notifications.email",)
LEFT_OUT_SECONDS = 3.0
CATCH_UP_LIMIT = 120.0
ARRIVAL_LIMIT = 15.0


@dataclass(frozen=True)
class Latency:
    """In milliseconds."""

    p50: float
    p90: float
    p99: float
    longest: float
    cpu_percent: float  # of one core, all instances together
    broker_percent: float | None
    markers_per_second: float  # in the output topics
    lost: int
    added: int


class Arrivals:
    """The event's id carries its number and the time when it was published; every notification has the id."""

    def __init__(self, rate: int) -> None:
        self._tag = f"lat-{uuid.uuid4().hex[:8]}"
        self._pattern = re.compile(rb"%b-(\d+)-(\d+)" % self._tag.encode())
        self._left_out = int(rate * LEFT_OUT_SECONDS)
        self.seen: set[int] = set()
        self.added = 0
        self.milliseconds: list[float] = []

    def event_id(self, number: int) -> str:
        return f"{self._tag}-{number}-{time.monotonic_ns()}"

    def receive(self, message: Message) -> None:
        now = time.monotonic_ns()
        found = self._pattern.search(message.value() or b"")
        if not found:
            return
        number = int(found[1])
        if number in self.seen:
            self.added += 1
            return
        self.seen.add(number)
        if number >= self._left_out:
            self.milliseconds.append((now - int(found[2])) / 1e6)


@dataclass(frozen=True)
class Effort:
    """What has been spent until now."""

    time: float
    cpu: float
    broker_cpu: float | None
    offsets: int  # of all output partitions


def measure(system: System, topics: Topics, broker: Broker, logs: Path, rate: int, seconds: float) -> Latency:
    arrivals = Arrivals(rate)
    group = f"bench-{uuid.uuid4().hex[:8]}"
    log = logs / f"latency-{system.name.replace(' ', '-')}.log"
    with (
        Group(topics, group, INPUTS) as progress,
        Running(system, log, KAFKA_BROKERS=topics.address, KAFKA_GROUP_ID=group) as running,
    ):
        _catch_up(running, progress, topics)

        def effort() -> Effort:
            offsets = sum(end.offset for end in topics.ends(OUTPUTS))
            return Effort(time.monotonic(), running.cpu_seconds(), broker.cpu_seconds(), offsets)

        before = effort()
        publisher = EventPublisher(topics.address, linger_ms=0)
        with Reader(topics.address, topics.ends(READ), arrivals.receive):
            total = publisher.publish_steadily(rate, LEFT_OUT_SECONDS + seconds, arrivals.event_id)
            deadline = time.monotonic() + ARRIVAL_LIMIT
            while len(arrivals.seen) < total and time.monotonic() < deadline:
                time.sleep(0.05)
        running.check()
        return _summary(arrivals, publisher, before, effort(), system)


def _catch_up(running: Running, group: Group, topics: Topics) -> None:
    """Returns when the system runs and is at the end of what other measurements have left in the input."""
    publisher = EventPublisher(topics.address, linger_ms=0)
    publisher.publish(0)
    publisher.finish()
    end = sum(partition.offset for partition in topics.ends(INPUTS))
    deadline = time.monotonic() + CATCH_UP_LIMIT
    while group.committed() < end:
        running.check()
        if time.monotonic() > deadline:
            raise Failure(f"{running.system.name} did not work off {end:,} events within {CATCH_UP_LIMIT:g} s")
        time.sleep(0.1)


def _summary(arrivals: Arrivals, publisher: EventPublisher, before: Effort, after: Effort, system: System) -> Latency:
    ordered = sorted(arrivals.milliseconds)
    if not ordered:
        raise Failure(f"no notification of {system.name} carries its event's id")

    def share(part: float) -> float:
        return ordered[min(len(ordered) - 1, int(len(ordered) * part))]

    seconds = after.time - before.time
    broker = None
    if before.broker_cpu is not None and after.broker_cpu is not None:
        broker = 100 * (after.broker_cpu - before.broker_cpu) / seconds
    records = sum(notifications_of(publisher.counts).values())
    return Latency(
        share(0.5), share(0.9), share(0.99), ordered[-1],
        cpu_percent=100 * (after.cpu - before.cpu) / seconds,
        broker_percent=broker,
        markers_per_second=(after.offsets - before.offsets - records) / seconds,
        lost=publisher.counts.total() - len(arrivals.seen),
        added=arrivals.added,
    )  # fmt: skip
