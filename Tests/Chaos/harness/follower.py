"""Reads topics while a run goes on, from their beginnings to their ends, and hands over every committed record."""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Callable, Mapping

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from localhub.kafka import QUIET


class Follower:
    """A thread of its own, on which `take` is called."""

    def __init__(self, address: str, topics: Mapping[str, int], take: Callable[[Message], None]) -> None:
        """`topics` with the number of partitions of each."""
        self._take, self._partitions = take, dict(topics)
        self.failure: str | None = None
        self._next = {(topic, number): 0 for topic, count in topics.items() for number in range(count)}  # offset to read
        self._at_end: set[tuple[str, int]] = set()
        self._address = address
        self._consumer = self._make_consumer()
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()  # for the reading thread
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follower", daemon=True)

    def _make_consumer(self) -> Consumer:
        settings = {
            "bootstrap.servers": self._address, "group.id": f"checker-{uuid.uuid4()}", "enable.auto.commit": False,
            "isolation.level": "read_committed", "auto.offset.reset": "earliest", "enable.partition.eof": True,
            "fetch.wait.max.ms": 50, "fetch.error.backoff.ms": 50, "fetch.queue.backoff.ms": 20,
            "reconnect.backoff.max.ms": 500, "queued.max.messages.kbytes": 65_536,
        }  # fmt: skip
        return Consumer(settings | QUIET)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join(30)
        self._consumer.close()

    def look_for_ends(self) -> None:
        """From now on `is_at_end` tells whether every partition was read to its end; nothing may write any more."""
        self._commands.put(self._look_for_ends)

    @property
    def is_at_end(self) -> bool:
        return self._commands.empty() and not self.unread

    @property
    def unread(self) -> list[str]:
        """The partitions that were not read to their ends."""
        return [f"{topic}[{number}]" for topic, number in sorted(set(self._next) - self._at_end)]

    def position(self, topic: str) -> list[int]:
        """How far each partition of a topic was read."""
        return [self._next[topic, number] for number in range(self._partitions[topic])]

    def forget(self, topic: str) -> None:
        """The topic is about to be deleted: it is not read until `follow`."""
        self._commands.put(lambda: self._assign([place for place in self._next if place[0] != topic]))

    def follow(self, topic: str) -> None:
        """The topic was made again: it is read from its beginning."""

        def command() -> None:
            self._next.update({(topic, number): 0 for number in range(self._partitions[topic])})
            # A client that knew the deleted topic may take what it hears of the new one for old news.
            self._consumer.close()
            self._consumer = self._make_consumer()
            self._assign(list(self._next))

        self._commands.put(command)

    # MARK: the reading thread

    def _run(self) -> None:
        try:
            self._assign(list(self._next))
            while not self._stopping.is_set():
                while not self._commands.empty():
                    command = self._commands.get()
                    command()
                for message in self._consumer.consume(2000, 0.1):
                    self._received(message)
        except Exception as error:  # the run must not go on with a checker that is dead
            self.failure = f"the checker stopped: {error!r}"

    def _look_for_ends(self) -> None:
        # An end that was seen before may be an old one: assigned anew, each is told of again.
        self._at_end.clear()
        self._assign(list(self._next))

    def _assign(self, places: list[tuple[str, int]]) -> None:
        """Goes on with these partitions where it stands; not by position(), which forgets what was only assigned."""
        self._consumer.assign([TopicPartition(*place, self._next[place]) for place in places])

    def _received(self, message: Message) -> None:
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                self._at_end.add((message.topic(), message.partition()))
            return
        self._next[message.topic(), message.partition()] = message.offset() + 1
        self._take(message)
