"""Publishes events at a steady rate with bursts, each exactly once and in the order of its key."""

from __future__ import annotations

import threading
import time

from confluent_kafka import KafkaError, Message, Producer

from localhub.kafka import QUIET

from .events import Events
from .topics import PARTITIONS

BURST_EVERY = 4.0


class Load:
    """A thread of its own. `sent` events were handed to the client, `acknowledged` are in Kafka."""

    def __init__(self, address: str, events: Events, topics: list[str], rate: int, tick: float) -> None:
        self._events, self._topics, self._tick = events, topics, tick
        # A third comes in bursts, which fill transactions to their limit.
        self._steady, self._burst = rate * 2 // 3, int(rate / 3 * BURST_EVERY)
        self.sent = 0
        self.acknowledged = 0
        self.failures: list[str] = []
        self.ends = [0] * len(topics) * PARTITIONS  # behind the last acknowledged event of each input partition
        self.places: dict[int, tuple[str, int, int]] = {}  # of events that must be rejected
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

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Returns when every event is acknowledged."""
        self._stopping.set()
        self._thread.join()
        if self._producer.flush(120) > 0:
            self.failures.append("not every event was acknowledged within 120 s")

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
        event = self._events.event(self.sent)
        topic, number = event.kind.topic, event.number

        def delivered(error: KafkaError | None, message: Message) -> None:
            if error is not None:
                self.failures.append(f"event {number}: {error.str()}")
                return
            self.acknowledged += 1
            self.ends[topic * PARTITIONS + message.partition()] = message.offset() + 1
            if event.kind.flaw:
                self.places[number] = (message.topic(), message.partition(), message.offset())

        self._producer.produce(
            self._topics[topic], event.value, key=event.key, headers=event.headers, timestamp=event.timestamp,
            on_delivery=delivered,
        )  # fmt: skip
        self.sent += 1
        if self.sent % 500 == 0:
            self._producer.poll(0)
