"""Reads what a system has written, as every consumer of it does: committed records only."""

from __future__ import annotations

import collections
import threading
import time
import uuid
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from harness.failure import Failure
from localhub.kafka import QUIET

COUNT_LIMIT = 300.0


def _consumer(address: str, partitions: list[TopicPartition], **settings: object) -> Consumer:
    consumer = Consumer(
        {
            "bootstrap.servers": address, "group.id": f"benchmark-{uuid.uuid4().hex[:8]}",
            "isolation.level": "read_committed", "enable.auto.commit": False, "auto.offset.reset": "earliest",
        }
        | QUIET | settings
    )  # fmt: skip
    consumer.assign(partitions)
    return consumer


def count(address: str, partitions: list[TopicPartition]) -> collections.Counter[str]:
    """How many committed records each topic has, of all from the beginning."""
    first = [TopicPartition(p.topic, p.partition, 0) for p in partitions]
    consumer = _consumer(address, first, **{"enable.partition.eof": True, "queued.max.messages.kbytes": 262_144})
    counts: collections.Counter[str] = collections.Counter()
    unread = {(p.topic, p.partition) for p in partitions}
    deadline = time.monotonic() + COUNT_LIMIT
    while unread:
        if time.monotonic() > deadline:
            raise Failure(f"{address}: the notifications could not be counted within {COUNT_LIMIT:g} s")
        for message in consumer.consume(10_000, 0.2):
            if message.error() is None:
                counts[message.topic()] += 1
            elif message.error().code() == KafkaError._PARTITION_EOF:
                unread.discard((message.topic(), message.partition()))
    consumer.close()
    return counts


class Reader:
    """Hands every committed record from now on to `receive`, in a thread of its own, at once."""

    def __init__(self, address: str, ends: list[TopicPartition], receive: Callable[[Message], None]) -> None:
        self._consumer = _consumer(address, ends, **{"fetch.wait.max.ms": 5})
        self._receive = receive
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="reader", daemon=True)

    def __enter__(self) -> Reader:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        self._thread.join()
        self._consumer.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            message = self._consumer.poll(0.05)
            if message is not None and message.error() is None:
                self._receive(message)
