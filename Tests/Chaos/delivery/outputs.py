"""What the consumers write: retries, dead letters and statuses, by the number of their notification."""

from __future__ import annotations

import collections
import json
import re
from typing import NamedTuple

from confluent_kafka import Message

from harness.follower import Follower

from .channels import TIER_SECONDS, Topics
from .notifications import Notifications

EVENT_ID = re.compile(rb'"event": \{"id": "([^"]+)"')


class Retry(NamedTuple):
    tier: int
    attempts: int
    not_before: float  # times are seconds since 1970
    written: float

    @property
    def decided(self) -> float:
        """When it left its lane, at the latest: one that could not be written at once was written again later."""
        return min(self.written, self.not_before - TIER_SECONDS[self.tier])


class DeadLetter(NamedTuple):
    reason: str
    attempts: int
    first_failure: float
    written: float


class Final(NamedTuple):
    status: str
    written: float


class Outputs(Follower):
    """Counts are what was read so far."""

    def __init__(self, address: str, topics: Topics, notifications: Notifications) -> None:
        self._notifications, self._status = notifications, topics.status
        self._tiers = {topic: tier for channel in topics.channels for tier, topic in enumerate(topics.retries(channel))}
        self.retries: dict[int, list[Retry]] = collections.defaultdict(list)
        self.dead_letters: dict[int, list[DeadLetter]] = collections.defaultdict(list)
        self.finals: dict[int, list[Final]] = collections.defaultdict(list)
        self.strangers: list[str] = []  # records of no notification that was sent
        super().__init__(address, topics.outputs(), self._sort)

    def _sort(self, message: Message) -> None:
        value, written = message.value() or b"", message.timestamp()[1] / 1000
        try:
            if message.topic() == self._status:
                self._status_record(json.loads(value), written)
            else:
                self._moved(message, value, written)
        except (ValueError, KeyError, TypeError) as error:
            self.strangers.append(f"{message.topic()}[{message.partition()}]@{message.offset()}: {error!r}")

    def _status_record(self, status: dict, written: float) -> None:
        if status["final"]:
            number = self._notifications.number(status["event_id"].encode())
            self.finals[number].append(Final(status["status"], written))

    def _moved(self, message: Message, value: bytes, written: float) -> None:
        match = EVENT_ID.search(value)
        number = self._notifications.number(match[1] if match else b"")
        headers = dict(message.headers() or [])
        attempts = int(headers["x-retry-attempt"])
        tier = self._tiers.get(message.topic())
        if tier is not None:
            self.retries[number].append(Retry(tier, attempts, int(headers["x-retry-not-before"]) / 1000, written))
            return
        # One that never was in a retry topic failed for the first time after it was published.
        first_failure = int(headers.get("x-retry-first-failure") or headers["x-dlq-original-timestamp"]) / 1000
        reason = headers["x-dlq-error-class"].decode()
        self.dead_letters[number].append(DeadLetter(reason, attempts, first_failure, written))
