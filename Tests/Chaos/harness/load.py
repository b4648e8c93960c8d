"""Publishes records at a steady rate with bursts, each exactly once and in the order of its key."""

from __future__ import annotations

import threading
import time
from typing import NamedTuple

from confluent_kafka import KafkaError, Message, Producer

from localhub.kafka import QUIET, Headers

BURST_EVERY = 4.0


class Publication(NamedTuple):
    topic: str
    key: bytes
    value: bytes
    headers: Headers
    timestamp: int = 0  # in milliseconds; 0 for now


class SteadyLoad:
    """A thread of its own. `sent` records were handed to the client, `acknowledged` are in Kafka.

    A subclass says what record number i is, and may note where it went.
    """

    def __init__(self, address: str, rate: int, tick: float) -> None:
        self._tick = tick
        # A third comes in bursts, which fill whatever takes up to so many at once.
        self._steady, self._burst = rate * 2 // 3, int(rate / 3 * BURST_EVERY)
        self.sent = 0
        self.acknowledged = 0
        self.failures: list[str] = []
        self._stopping = threading.Event()
        self._producer = Producer(
            {
                "bootstrap.servers": address, "enable.idempotence": True, "linger.ms": 5, "message.timeout.ms": 0,
                "queue.buffering.max.messages": 2_000_000, "queue.buffering.max.kbytes": 1_000_000,
                "partitioner": "murmur2_random", "compression.codec": "lz4", "reconnect.backoff.max.ms": 500,
            }
            | QUIET
        )  # fmt: skip
        self._thread = threading.Thread(target=self._run, name="load", daemon=True)

    def publication(self, number: int) -> Publication:
        raise NotImplementedError

    def published(self, number: int, message: Message) -> None:
        """The broker has it."""

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when every record is acknowledged."""
        self._stopping.set()
        self._thread.join()
        if self._producer.flush(120) > 0:
            self.failures.append("not every record was acknowledged within 120 s")

    def _run(self) -> None:
        due = 0.0
        last = next_burst = time.monotonic()
        while not self._stopping.is_set():
            time.sleep(self._tick)
            now = time.monotonic()
            due += (now - last) * self._steady
            last = now
            if now >= next_burst:
                due += self._burst
                next_burst = now + BURST_EVERY
            for _ in range(int(due)):
                self._send()
            due -= int(due)
            self._producer.poll(0)

    def _send(self) -> None:
        number = self.sent
        record = self.publication(number)

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self.failures.append(f"record {number}: {error.str()}")
                return
            self.acknowledged += 1
            self.published(number, message)

        self._producer.produce(
            record.topic, record.value, key=record.key, headers=record.headers, timestamp=record.timestamp,
            on_delivery=delivered,
        )  # fmt: skip
        self.sent += 1
        if self.sent % 500 == 0:
            self._producer.poll(0)
