"""Writes records: as fast as Kafka takes them, or at a steady rate."""

from __future__ import annotations

import time
from collections.abc import Callable

from confluent_kafka import KafkaError, Message, Producer

from localhub.kafka import QUIET

from .failure import Failure

FLUSH_LIMIT = 120.0


class Publisher:
    def __init__(self, address: str, linger_ms: int, **settings: object) -> None:
        self._address = address
        self._refused: KafkaError | None = None
        self._producer = Producer(
            {
                "bootstrap.servers": address, "linger.ms": linger_ms, "partitioner": "murmur2_random",
                "queue.buffering.max.messages": 1_000_000, "on_delivery": self._delivered,
            }
            | QUIET | settings
        )  # fmt: skip

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self._refused = error

    def put(self, topic: str, key: str, value: str, headers: list[tuple[str, bytes]] | None = None) -> None:
        while True:
            try:
                return self._producer.produce(topic, value, key=key, headers=headers or [])
            except BufferError:
                self._producer.poll(0.1)

    def serve(self) -> None:
        self._producer.poll(0)

    def finish(self) -> None:
        """Returns when every record is in Kafka."""
        left = self._producer.flush(FLUSH_LIMIT)
        if left or self._refused:
            why = self._refused.str() if self._refused else f"{left} are not acknowledged after {FLUSH_LIMIT:g} s"
            raise Failure(f"{self._address}: the records could not be published: {why}")

    def all(self, count: int, publish: Callable[[int], None]) -> None:
        """Calls `publish` with 0, 1, 2, … and returns when all of it is in Kafka."""
        for number in range(count):
            publish(number)
            if number % 1000 == 0:
                self.serve()
        self.finish()

    def steadily(self, rate: int, seconds: float, publish: Callable[[int], None]) -> int:
        """Calls `publish` with 0, 1, 2, … so many times a second, each when it is due. Returns how often."""
        start, number, total = time.monotonic(), 0, int(rate * seconds)
        while number < total:
            due = min(total, int((time.monotonic() - start) * rate))
            while number < due:
                publish(number)
                number += 1
            self.serve()
            time.sleep(0.0005)
        self.finish()
        return total
