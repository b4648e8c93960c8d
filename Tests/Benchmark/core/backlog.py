"""Publishes events: all at once as a backlog, or at a steady rate."""

from __future__ import annotations

import collections
import time

from confluent_kafka import KafkaError, Message, Producer

from harness.failure import Failure
from localhub.kafka import QUIET

from .events import TYPES, event

FLUSH_LIMIT = 120.0


class Publisher:
    def __init__(self, address: str, linger_ms: int) -> None:
        self._address = address
        self._refused: KafkaError | None = None
        self.counts: collections.Counter[str] = collections.Counter()  # by type
        self._producer = Producer(
            {
                "bootstrap.servers": address, "linger.ms": linger_ms, "partitioner": "murmur2_random",
                "queue.buffering.max.messages": 1_000_000, "on_delivery": self._delivered,
            }
            | QUIET
        )  # fmt: skip

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._refused = error

    def publish(self, number: int, event_id: str | None = None) -> None:
        name, key, value = event(number, event_id)
        self.counts[name] += 1
        while True:
            try:
                return self._producer.produce(TYPES[name][0], value, key=key)
            except BufferError:
                self._producer.poll(0.1)

    def serve(self) -> None:
        self._producer.poll(0)

    def finish(self) -> None:
        """Returns when every event is in Kafka."""
        left = self._producer.flush(FLUSH_LIMIT)
        if left or self._refused:
            why = self._refused.str() if self._refused else f"{left} are not acknowledged after {FLUSH_LIMIT:g} s"
            raise Failure(f"{self._address}: the events could not be published: {why}")

    def publish_all(self, count: int) -> None:
        for number in range(count):
            self.publish(number)
            if number % 1000 == 0:
                self.serve()
        self.finish()

    def publish_steadily(self, rate: int, seconds: float, event_id) -> int:
        """Publishes `rate` events a second; `event_id(number)` is asked for at the moment of publishing."""
        start, number, total = time.monotonic(), 0, int(rate * seconds)
        while number < total:
            due = min(total, int((time.monotonic() - start) * rate))
            while number < due:
                self.publish(number, event_id(number))
                number += 1
            self.serve()
            time.sleep(0.0005)
        self.finish()
        return total
