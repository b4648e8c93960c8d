"""Publishes the events, and remembers where those went that must be rejected."""

from __future__ import annotations

from confluent_kafka import Message

from harness.load import Publication, SteadyLoad

from .events import Events
from .topics import PARTITIONS


class Load(SteadyLoad):
    def __init__(self, address: str, events: Events, topics: list[str], rate: int, tick: float) -> None:
        super().__init__(address, rate, tick)
        self._events, self._topics = events, topics
        self.ends = [0] * len(topics) * PARTITIONS  # behind the last acknowledged event of each input partition
        self.places: dict[int, tuple[str, int, int]] = {}  # of events that must be rejected

    def publication(self, number: int) -> Publication:
        event = self._events.event(number)
        return Publication(self._topics[event.kind.topic], event.key, event.value, event.headers, event.timestamp)

    def published(self, number: int, message: Message) -> None:
        kind = self._events.kind(number)
        self.ends[kind.topic * PARTITIONS + message.partition()] = message.offset() + 1
        if kind.flaw:
            self.places[number] = (message.topic(), message.partition(), message.offset())
