"""The load: event number i is the same whenever it is asked for, so that nothing needs to be remembered."""

from __future__ import annotations

import datetime
import random
from dataclasses import dataclass

USERS = 400
PERIOD = 256

ORDER, PAYMENT, USER = range(3)


@dataclass(frozen=True)
class Kind:
    """One sort of event. `share` of PERIOD events are of it."""

    topic: int
    type: str
    share: int
    flaw: str = ""  # what is wrong with it


KINDS = [
    Kind(ORDER, "order.created", 72),
    Kind(ORDER, "order.cancelled", 36),
    Kind(PAYMENT, "payment.success", 54),
    Kind(PAYMENT, "payment.failed", 30),
    Kind(USER, "user.registered", 50),
    Kind(ORDER, "order.shipped", 6, "unrouted"),
    Kind(PAYMENT, "payment.failed", 4, "no phone"),
    Kind(ORDER, "order.created", 1, "not json"),
    Kind(USER, "", 1, "no type"),
    Kind(PAYMENT, "payment.success", 2, "no amount"),
]


@dataclass(frozen=True)
class Event:
    number: int
    kind: Kind
    user: int
    id: str
    is_cloud_event: bool
    timestamp: int  # of the record, in milliseconds
    time: str
    source: str
    amount: str
    value: bytes
    headers: list[tuple[str, bytes]]
    trace: bytes  # the trace id that it carries, or nothing

    @property
    def key(self) -> bytes:
        return b"u%d" % self.user


class Events:
    """All events of a run."""

    def __init__(self, tag: str, seed: int, start: int, topics: list[str]) -> None:
        self.tag, self._start, self._topics = tag, start, topics
        kinds = [kind for kind in KINDS for _ in range(kind.share)]
        random.Random(seed).shuffle(kinds)
        self._kinds = kinds

    def kind(self, number: int) -> Kind:
        return self._kinds[number % PERIOD]

    def number(self, event_id: bytes) -> int:
        """The reverse of an id; ValueError for any other text."""
        tag, _, digits = event_id.rpartition(b"-")
        if tag != self.tag.encode():
            raise ValueError(event_id)
        return int(digits)

    def event(self, number: int) -> Event:
        kind = self._kinds[number % PERIOD]
        mixed = number * 2654435761 >> 7
        event_id = f"{self.tag}-{number}"
        is_cloud_event = mixed % 4 == 0 and kind.type != ""
        timestamp = self._start + number // 2
        time = _rfc3339(timestamp)
        user = mixed % USERS
        amount = f"{mixed % 1000}.{number % 10}0"
        fields = f'"user_id":"u{user}","order_id":"o{number}","currency":"EUR","email":"u{user}@example.com"'
        if kind.flaw != "no amount":
            fields += f',"amount":{amount}'
        if kind.flaw != "no phone":
            fields += f',"phone":"+1555{user:07d}"'
        headers: list[tuple[str, bytes]] = []
        trace = b""
        if is_cloud_event:
            value = "{" + fields + ', "note": "caf\u00e9"}'
            trace = b"%032x" % (number + 1)
            headers = self._cloud_headers(event_id, kind.type, time, trace)
        else:
            of_type = f'"event_type":"{kind.type}",' if kind.type else ""
            value = "{" + of_type + f'"event_id":"{event_id}",' + fields
            # Every other one leaves the time to the record's timestamp.
            value += f',"timestamp":"{time}"}}' if number % 2 else "}"
        if kind.flaw == "not json":
            value = value[:-1]
        source = f"/shop/{kind.topic}" if is_cloud_event else self._topics[kind.topic]
        return Event(
            number, kind, user, event_id, is_cloud_event, timestamp, time, source, amount, value.encode(), headers, trace
        )

    def _cloud_headers(self, event_id: str, event_type: str, time: str, trace: bytes) -> list[tuple[str, bytes]]:
        return [
            ("ce_specversion", b"1.0"), ("ce_id", event_id.encode()), ("ce_type", event_type.encode()),
            ("ce_source", f"/shop/{self._topic_of(event_type)}".encode()), ("ce_time", time.encode()),
            ("content-type", b"application/json"), ("traceparent", b"00-" + trace + b"-00f067aa0ba902b7-01"),
        ]  # fmt: skip

    @staticmethod
    def _topic_of(event_type: str) -> int:
        return {"order": ORDER, "payment": PAYMENT, "user": USER}[event_type.partition(".")[0]]


def _rfc3339(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    moment = datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{rest:03d}Z"
