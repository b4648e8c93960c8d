"""How soon a system works after its start, and what it holds in memory while nothing happens."""

from __future__ import annotations

import statistics
import threading
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from harness.failure import Failure
from harness.running import Running, System
from harness.topics import Topics

from .backlog import EventPublisher
from .outputs import Reader
from .topics import OUTPUTS

STARTS = 5
START_LIMIT = 60.0
IDLE_SECONDS = 10.0


@dataclass(frozen=True)
class Quiet:
    start_seconds: float  # to the first committed notification, median of several
    idle_mb: float


def measure(system: System, topics: Topics, logs: Path) -> Quiet:
    """Each start has a group of its own and finds one event."""
    publisher = EventPublisher(topics.address, linger_ms=0)
    publisher.publish(0)
    publisher.finish()
    starts: list[float] = []
    idle = 0.0
    for number in range(STARTS):
        seen = threading.Event()
        ends = topics.ends(OUTPUTS)
        log = logs / f"start-{system.name.replace(' ', '-')}.log"
        group = f"bench-{uuid.uuid4().hex[:8]}"
        with Reader(topics.address, ends, lambda message: seen.set()):
            began = time.monotonic()
            with Running(system, log, KAFKA_BROKERS=topics.address, KAFKA_GROUP_ID=group) as running:
                _await(seen, running)
                starts.append(time.monotonic() - began)
                if number == STARTS - 1:
                    time.sleep(IDLE_SECONDS)
                    idle = running.resident_mb()
    return Quiet(statistics.median(starts), idle)


def _await(seen: threading.Event, running: Running) -> None:
    deadline = time.monotonic() + START_LIMIT
    while not seen.wait(0.2):
        running.check()
        if time.monotonic() > deadline:
            raise Failure(f"{running.system.name} wrote no notification within {START_LIMIT:g} s of its start")
