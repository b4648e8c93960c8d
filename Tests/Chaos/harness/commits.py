"""Watches the offsets that a group commits: progress as the broker has it, however fast its results are read."""

from __future__ import annotations

import threading
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaException, TopicPartition

from localhub.kafka import QUIET

from .progress import Progress

INTERVAL = 0.2


class Commits:
    """A thread of its own that asks again and again, and tells `progress`; a lane is an input partition."""

    def __init__(
        self, address: str, group: str, partitions: list[TopicPartition], progress: Progress, clock: Callable[[], float]
    ) -> None:
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
            for lane, place in enumerate(offsets):
                if place.error is None and place.offset >= 0:
                    self._progress.seen(lane, place.offset, now)
        self._consumer.close()
