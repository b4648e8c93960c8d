"""Reads what is committed while the run goes on and compares it with what must be there, one byte of memory an event."""

from __future__ import annotations

from confluent_kafka import Message

from harness.follower import Follower

from .events import PERIOD, Events
from .load import Load
from .oracle import DEAD_LETTER, STATUS, expected_bits
from .records import Finding, Records
from .topics import CHANNELS, PARTITIONS, Topics

EXAMPLES = 10


class Checker(Follower):
    """The counts are what it has found so far; `lost` is known at the end."""

    def __init__(self, address: str, topics: Topics, events: Events, load: Load) -> None:
        self._events, self._load = events, load
        self._records = Records(events, load, topics.group)
        self._bit_of = {topic: bit for bit, topic in enumerate(topics.outputs)}
        self.seen = bytearray()  # the bits of each event
        self._highest: dict[tuple[int, int, int], int] = {}  # by input topic, user and output
        self.counts = [0] * len(topics.outputs)
        self.duplicated = self.altered = self.disordered = 0
        self.examples: list[str] = []
        super().__init__(address, dict.fromkeys(topics.outputs, PARTITIONS), self._judge)

    @property
    def total(self) -> int:
        return sum(self.counts)

    # MARK: the reading thread

    def _judge(self, message: Message) -> None:
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
