"""What a consumer holds in memory: while nothing happens, and while nothing can be delivered."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from harness.failure import Failure
from harness.group import Group
from harness.running import Running, System
from harness.topics import Topics

from . import topics as names

JOIN_LIMIT = 60.0


@dataclass(frozen=True)
class Memory:
    resident_mb: float
    peak_mb: float


def watch(system: System, topics: Topics, channel: str, logs: Path, seconds: float) -> Memory:
    """Runs it for so long from the moment on when it has its partitions."""
    group = f"bench-{uuid.uuid4().hex[:8]}"
    with (
        Group(topics, group, (names.of(channel),)) as progress,
        Running(
            system, logs / f"{system.name.replace(' ', '-')}.log", KAFKA_BROKERS=topics.address, KAFKA_GROUP_ID=group
        ) as running,
    ):
        deadline = time.monotonic() + JOIN_LIMIT
        while not progress.has_settled(1):
            running.check()
            if time.monotonic() > deadline:
                raise Failure(f"{system.name} did not join its group within {JOIN_LIMIT:g} s")
            time.sleep(0.1)
        time.sleep(seconds)
        running.check()
        return Memory(running.resident_mb(), running.peak_mb())
