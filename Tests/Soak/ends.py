"""Reads the status topic: how each event's notification ended, and how often."""

from __future__ import annotations

import re
import threading
import uuid

from confluent_kafka import Consumer, TopicPartition

from localhub.kafka import QUIET

from .flaky import FlakyReceiver
from .hub import STATUS, is_flaky

FINAL = re.compile(rb'^\{"id":"([0-9a-f-]{36})".*?"status":"(\w+)".*?"final":(true|false),"event_id":"(\d+)"')
SUCCESSES = (b"delivered", b"sent")
BATCH = 2000


class Ends:
    """A thread of its own. `published` events are expected; event n's notification must end once, and as planned."""

    def __init__(self, brokers: str, partitions: int, expected: int) -> None:
        settings = {"bootstrap.servers": brokers, "group.id": f"soak-{uuid.uuid4()}", "enable.auto.commit": False}
        self._consumer = Consumer(settings | {"isolation.level": "read_committed"} | QUIET)
        self._consumer.assign([TopicPartition(STATUS, number, 0) for number in range(partitions)])
        self._ends = bytearray(expected)
        self.ended = 0
        self.attempts = 0
        self.doubled = 0
        self.wrong: list[str] = []
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="status reader", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        while not self._stopping.is_set():
            for message in self._consumer.consume(BATCH, 0.2):
                if message.error() is None:
                    self._take(message.value())

    def _take(self, value: bytes) -> None:
        found = FINAL.match(value)
        if not found:
            self.wrong.append(f"not a status as the contract has it: {value[:200]!r}")
            return
        self.attempts += 1
        if found[3] == b"false":
            return
        number = int(found[4])
        self._ends[number] = min(self._ends[number] + 1, 255)
        if self._ends[number] > 1:
            self.doubled += 1
            return
        self.ended += 1
        is_planned = is_flaky(number) and FlakyReceiver.refuses(found[1].decode())
        if (found[2] in SUCCESSES) == is_planned:
            self.wrong.append(f"event {number} ended as {found[2].decode()}")

    def lost(self, published: int) -> list[int]:
        return [number for number in range(published) if not self._ends[number]]

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(10)
        self._consumer.close()
