"""Judges one output record: of which event it is, and what about it is not as it must be."""

from __future__ import annotations

import json
import os
import re
from typing import NamedTuple

from confluent_kafka import Message

from .events import Event, Events
from .load import Load
from .oracle import DEAD_LETTER, REJECTIONS, STATUS, expected_bits, notification, same_value

EVENT_ID = b'"event":{"id":"'
PLAIN_ID = re.compile(rb'"order_id":"o(\d+)"')
TRACEPARENT = re.compile(rb"00-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}")


class Finding(NamedTuple):
    number: int  # of the event, or -1
    user: int
    fault: str  # what is wrong with the record; empty where nothing is


class Records:
    def __init__(self, events: Events, load: Load, group: str) -> None:
        self._events, self._load, self._group = events, load, group
        self.dead_places: dict[int, tuple[str, int, int]] = {}  # where each dead letter says it comes from

    def judge(self, message: Message, bit: int) -> Finding:
        value = message.value() or b""
        try:
            event = self._events.event(self._number(value, bit))
        except ValueError:
            return Finding(-1, -1, "is of no event that was sent")
        if event.number >= self._load.sent:
            return Finding(-1, -1, "is of no event that was sent")
        if not expected_bits(event.kind.type, event.kind.flaw) >> bit & 1:
            fault = "must not exist"
        elif bit == DEAD_LETTER:
            fault = self._dead_letter_fault(event, message, value)
        elif bit == STATUS:
            fault = _status_fault(event, message, value)
        else:
            fault = _notification_fault(event, bit, message, value)
        return Finding(event.number, event.user, fault)

    def _number(self, value: bytes, bit: int) -> int:
        if bit == DEAD_LETTER:
            match = PLAIN_ID.search(value)
            if match is None:
                raise ValueError(value)
            return int(match[1])
        if bit == STATUS:
            return self._events.number(json.loads(value)["event_id"].encode())
        start = value.find(EVENT_ID) + len(EVENT_ID)
        return self._events.number(value[start : value.find(b'"', start)])

    def _dead_letter_fault(self, event: Event, message: Message, value: bytes) -> str:
        headers = dict(message.headers() or [])
        if value != event.value or message.key() != event.key:
            return "has another key or value than the event"
        if any(headers.get(name) != text for name, text in event.headers):
            return "does not have the event's headers"
        place = [headers.get(f"x-dlq-original-{part}", b"-1").decode() for part in ("topic", "partition", "offset")]
        self.dead_places[event.number] = (place[0], int(place[1]), int(place[2]))
        wanted = {"x-dlq-original-group": self._group, "x-dlq-error-class": REJECTIONS[event.kind.flaw]}
        wrong = [name for name, text in wanted.items() if headers.get(name) != text.encode()]
        return f"has wrong headers: {', '.join(wrong)}" if wrong else ""


def _status_fault(event: Event, message: Message, value: bytes) -> str:
    status = json.loads(value)
    wanted = {
        "channel": "sms", "status": "suppressed", "final": True, "event_id": event.id, "user_id": f"u{event.user}",
        "class": "no_recipient",
    }  # fmt: skip
    wrong = [name for name, found in wanted.items() if status.get(name) != found]
    if message.key() != event.id.encode():
        wrong.append("key")
    return f"is wrong in: {', '.join(wrong)}" if wrong else ""


def _notification_fault(event: Event, channel: int, message: Message, value: bytes) -> str:
    wanted = notification(event, channel)
    if not same_value(event, channel, value, wanted.value):
        return _difference(value, wanted.value)
    if message.key() != event.key:
        return f"has the key {message.key()!r}"
    headers = dict(message.headers() or [])
    trace = TRACEPARENT.fullmatch(headers.pop("traceparent", b""))
    if headers != wanted.headers:
        return f"has the headers {headers}"
    if trace is None or (event.trace and trace[1] != event.trace):
        return "has no traceparent of its own or of its event's trace"
    return ""


def _difference(found: bytes, wanted: bytes) -> str:
    same = len(os.path.commonprefix([found, wanted]))
    start = max(0, same - 30)
    return f"has another value: …{found[start : same + 50]!r} instead of …{wanted[start : same + 50]!r}"
