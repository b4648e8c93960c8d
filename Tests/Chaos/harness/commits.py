"""The offsets that groups commit: progress as the broker has it, however fast its results are read."""

from __future__ import annotations

import threading
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from localhub.kafka import QUIET

from .progress import Progress

INTERVAL = 0.2


class Commits:
    """A thread of its own that asks again and again, and tells `progress`; a lane is an input partition,
    counted from `first_lane`."""

    def __init__(
        self, address: str, group: str, partitions: list[TopicPartition], progress: Progress, clock: Callable[[], float],
        first_lane: int = 0,
    ) -> None:  # fmt: skip
        self._first_lane = first_lane
        self._partitions, self._progress, self._clock = partitions, progress, clock
        # Read uncommitted: else the answer waits while a transaction with offsets is open.
        settings = {"bootstrap.servers": address, "group.id": group, "isolation.level": "read_uncommitted"}
        self._consumer = Consumer(settings | {"reconnect.backoff.max.ms": 500} | QUIET)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="commits", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._stopping.wait(INTERVAL):
            try:
                offsets = self._consumer.committed(self._partitions, timeout=2)
            except KafkaException:
                continue  # the broker is away
            now = self._clock()
            for lane, place in enumerate(offsets, self._first_lane):
                if place.error is None and place.offset >= 0:
                    self._progress.seen(lane, place.offset, now)
        self._consumer.close()


def behind(address: str, group: str, partitions: list[TopicPartition]) -> tuple[list[str], list[int]]:
    """The partitions whose committed offset is not their end, and all ends."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": group} | QUIET)
    found, ends = [], []
    try:
        for place in consumer.committed(partitions, timeout=10):
            ends.append(consumer.get_watermark_offsets(TopicPartition(place.topic, place.partition), timeout=10)[1])
            if max(place.offset, 0) != ends[-1]:
                found.append(f"{place.topic}[{place.partition}] ({place.offset} of {ends[-1]})")
    finally:
        consumer.close()
    return found, ends


def committed_offsets(address: str, group: str, partitions: list[TopicPartition]) -> list[int]:
    """Zero where there is none."""
    consumer = Consumer({"bootstrap.servers": address, "group.id": group} | QUIET)
    try:
        return [max(place.offset, 0) for place in consumer.committed(partitions, timeout=10)]
    finally:
        consumer.close()
