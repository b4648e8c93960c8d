"""How long it takes from a published event or notification until its webhook is received, at a steady rate."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from harness.failure import Failure
from harness.publisher import Publisher
from harness.running import Running, System

from .programs import Receiver

START_LIMIT = 60.0
ARRIVAL_LIMIT = 15.0


@dataclass(frozen=True)
class Latency:
    """In milliseconds."""

    p50: float
    p90: float
    p99: float
    max: float
    lost: int
    cpu_percent: list[float]  # of one core, of each system


@contextlib.contextmanager
def running(systems: list[System], address: str, logs: Path) -> Iterator[list[Running]]:
    """All of them, each in a group of its own."""
    with contextlib.ExitStack() as stack:
        yield [
            stack.enter_context(
                Running(
                    system, logs / f"{system.name.replace(' ', '-')}.log",
                    KAFKA_BROKERS=address, KAFKA_GROUP_ID=f"bench-{uuid.uuid4().hex[:8]}",
                )  # fmt: skip
            )
            for system in systems
        ]


class SteadyLoad:
    """`publish(publisher, number)` sends one with the present time, and says whether `receiver` will time it."""

    def __init__(
        self, systems: list[Running], receiver: Receiver, address: str, publish: Callable[[Publisher, int], bool]
    ) -> None:
        self._systems, self._receiver, self._publish = systems, receiver, publish
        self._publisher = Publisher(address, linger_ms=0)
        self._next = 0

    def warm_up(self, rate: int, seconds: float) -> None:
        """Returns when the systems run, have delivered for so long, and nothing is on its way any more."""
        sent = self._send(rate, 1 / rate)
        if self._await(sent, START_LIMIT) < sent:
            raise Failure(f"{self._systems[-1].system.name} delivered nothing within {START_LIMIT:g} s of its start")
        self._await(sent + self._send(rate, seconds), ARRIVAL_LIMIT)

    def measure(self, rate: int, seconds: float) -> Latency:
        self._receiver.reset()
        began, before = time.monotonic(), [system.cpu_seconds() for system in self._systems]
        sent = self._send(rate, seconds)
        arrived = self._await(sent, ARRIVAL_LIMIT)
        took = time.monotonic() - began
        cpu = [100 * (system.cpu_seconds() - spent) / took for system, spent in zip(self._systems, before)]
        stats = self._receiver.stats()
        return Latency(stats["p50"], stats["p90"], stats["p99"], stats["max"], max(0, sent - arrived), cpu)

    def _send(self, rate: int, seconds: float) -> int:
        """Returns how many of them can be timed."""
        timed = 0

        def publish(_: int) -> None:
            nonlocal timed
            timed += self._publish(self._publisher, self._next)
            self._next += 1

        self._publisher.steadily(rate, seconds, publish)
        return timed

    def _await(self, count: int, limit: float) -> int:
        """Returns how many have arrived, once all have or the time is over."""
        deadline = time.monotonic() + limit
        while (arrived := int(self._receiver.stats()["timed"])) < count and time.monotonic() < deadline:
            for system in self._systems:
                system.check()
            time.sleep(0.02)
        return arrived
