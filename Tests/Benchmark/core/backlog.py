"""Publishes events: all at once as a backlog, or at a steady rate."""

from __future__ import annotations

import collections
from collections.abc import Callable

from harness.publisher import Publisher

from .events import TYPES, event


class EventPublisher:
    def __init__(self, address: str, linger_ms: int) -> None:
        self.counts: collections.Counter[str] = collections.Counter()  # by type
        self._publisher = Publisher(address, linger_ms)

    def publish(self, number: int, event_id: str | None = None) -> None:
        name, key, value = event(number, event_id)
        self.counts[name] += 1
        self._publisher.put(TYPES[name][0], key, value)

    def finish(self) -> None:
        """Returns when every event is in Kafka."""
        self._publisher.finish()

    def publish_all(self, count: int) -> None:
        self._publisher.all(count, self.publish)

    def publish_steadily(self, rate: int, seconds: float, event_id: Callable[[int], str]) -> int:
        """Publishes `rate` events a second; `event_id(number)` is asked for at the moment of publishing."""
        return self._publisher.steadily(rate, seconds, lambda number: self.publish(number, event_id(number)))
