"""Reads what is committed while the run goes on and compares it with what must be there, one byte of memory an event."""

from __future__ import annotations

import queue
import threading
import uuid
from collections.abc import Callable

from confluent_kafka import Consumer, KafkaError, Message, TopicPartition

from localhub.kafka import QUIET

from .events import PERIOD, Events
from .load import Load
from .oracle import DEAD_LETTER, STATUS, expected_bits
from .records import Finding, Records
from .topics import CHANNELS, PARTITIONS, Topics

EXAMPLES = 10


class Checker:
    """A thread of its own. The counts are what it has found so far; `lost` is known at the end."""

    def __init__(self, address: str, topics: Topics, events: Events, load: Load) -> None:
        self._events, self._load = events, load
        self._records = Records(events, load, topics.group)
        self._bit_of = {topic: bit for bit, topic in enumerate(topics.outputs)}
        self.seen = bytearray()  # the bits of each event
        self._highest: dict[tuple[int, int, int], int] = {}  # by input topic, user and output
        self.counts = [0] * len(topics.outputs)
        self.duplicated = self.altered = self.disordered = 0
        self.examples: list[str] = []
        self.failure: str | None = None
        self._next = {(topic, number): 0 for topic in topics.outputs for number in range(PARTITIONS)}  # offset to read
        self._at_end: set[tuple[str, int]] = set()
        self._consumer = self._make_consumer(address)
        self._commands: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()  # for the reading thread
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checker", daemon=True)

    def _make_consumer(self, address: str) -> Consumer:
        settings = {
            "bootstrap.servers": address, "group.id": f"checker-{uuid.uuid4()}", "enable.auto.commit": False,
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
        return self._commands.empty() and len(self._at_end) == len(self._next)

    def forget(self, topic: str) -> None:
        """The topic is about to be deleted: it is not read until `follow`."""
        self._commands.put(lambda: self._assign([place for place in self._next if place[0] != topic]))

    def follow(self, topic: str) -> None:
        """The topic was made again: it is read from its beginning."""

        def command() -> None:
            self._next.update({(topic, number): 0 for number in range(PARTITIONS)})
            self._assign(list(self._next))

        self._commands.put(command)

    @property
    def total(self) -> int:
        return sum(self.counts)

    # MARK: the reading thread

    def _run(self) -> None:
        try:
            self._assign(list(self._next))
            while not self._stopping.is_set():
                while not self._commands.empty():
                    command = self._commands.get()
                    command()
                for message in self._consumer.consume(2000, 0.1):
                    self._take(message)
        except Exception as error:  # the run must not go on with a checker that is dead
            self.failure = f"the checker stopped: {error!r}"

    def _look_for_ends(self) -> None:
        # An end that was seen before may be an old one: assigned anew, each is told of again.
        self._at_end.clear()
        self._assign(list(self._next))

    def _assign(self, places: list[tuple[str, int]]) -> None:
        """Goes on with these partitions where it stands; not by position(), which forgets what was only assigned."""
        self._consumer.assign([TopicPartition(*place, self._next[place]) for place in places])

    def _take(self, message: Message) -> None:
        error = message.error()
        if error is not None:
            if error.code() == KafkaError._PARTITION_EOF:
                self._at_end.add((message.topic(), message.partition()))
            return
        self._next[message.topic(), message.partition()] = message.offset() + 1
        bit = self._bit_of[message.topic()]
        finding = self._records.judge(message, bit)
        self.counts[bit] += 1
        if finding.fault:
            self.altered += 1
            self._example("altered", message, finding)
        if finding.number >= 0:
            self._remember(message, bit, finding)

    def _remember(self, message: Message, bit: int, finding: Finding) -> None:
        number = finding.number
        if number >= len(self.seen):
            self.seen.extend(bytes(number + 100_000 - len(self.seen)))
        if self.seen[number] >> bit & 1:
            self.duplicated += 1
            self._example("duplicated", message, finding)
            return
        self.seen[number] |= 1 << bit
        if bit == STATUS:
            return  # its key is the event
        place = (self._events.kind(number).topic, finding.user, bit)
        if number < self._highest.get(place, -1):
            self.disordered += 1
            self._example("out of order", message, finding)
        else:
            self._highest[place] = number

    def _example(self, what: str, message: Message, finding: Finding) -> None:
        if len(self.examples) < EXAMPLES:
            where = f"{message.topic()}[{message.partition()}]@{message.offset()}"
            self.examples.append(f"{what}: event {finding.number} at {where} {finding.fault}".rstrip())

    # MARK: the verdict

    def lost(self, sent: int, excused: int = 0, before: int = 0) -> int:
        """How many outputs of the first `sent` events are not there.

        The outputs whose bits are in `excused` need not be there for the events `before` a number.
        """
        wanted = [expected_bits(kind.type, kind.flaw) for kind in map(self._events.kind, range(PERIOD))]
        names = [*CHANNELS, "dead letter", "status"]
        self.seen.extend(bytes(max(0, sent - len(self.seen))))
        count = 0
        for number in range(sent):
            missing = wanted[number % PERIOD] & ~self.seen[number]
            if number < before:
                missing &= ~excused
            if missing:
                count += missing.bit_count()
                if len(self.examples) < EXAMPLES:
                    what = [name for bit, name in enumerate(names) if missing >> bit & 1]
                    self.examples.append(f"lost: event {number}: {', '.join(what)}")
        return count

    def misplaced(self) -> int:
        """How many dead letters name another place than that of their event. Known when all are acknowledged."""
        wrong = [number for number, place in self._records.dead_places.items() if self._load.places.get(number) != place]
        self.examples.extend(f"altered: the dead letter of event {number} names a wrong place" for number in wrong[:3])
        return len(wrong)

    @property
    def dead_letters(self) -> int:
        return self.counts[DEAD_LETTER]

    @property
    def statuses(self) -> int:
        return self.counts[STATUS]
