"""The load: notification number i is the same whenever it is asked for, so that nothing needs to be remembered."""

from __future__ import annotations

import bisect
import itertools
import json
import random
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from localhub.kafka import Headers
from localhub.unruly.script import mark

from .channels import EMAIL, SLACK, SMS, WEBHOOK, Channel
from .scripts import ENDPOINT_SHARES, ENDPOINTS, STEADY, Weighted, of_channel

USERS = 40
MASK = (1 << 64) - 1
PRIORITIES = ("normal", "normal", "normal", "normal", "normal", "low", "high", "critical")
# Seconds from the notification to its expiry, of 256; the others do not expire.
EXPIRIES = (-60.0, 2.0, 3.0, 3600.0)


@dataclass(frozen=True)
class Notification:
    """What is known of one without its clock."""

    number: int
    channel: Channel
    user: int
    family: str  # of its endpoint
    destination: str  # the endpoint; the channel where there are none
    script: str
    priority: str
    has_own_url: bool
    expires_in: float | None

    @property
    def lane(self) -> tuple[str, int]:
        """Where it goes, and its record's key: a URL of its own is another destination than the endpoint it names."""
        return f"{self.destination}'s guests" if self.has_own_url else self.destination, self.user


class _Choice:
    """Picks from a table of weights by a number."""

    def __init__(self, weights: Weighted) -> None:
        self._names, self._sums = list(weights), list(itertools.accumulate(weights.values()))

    def pick(self, number: int) -> str:
        return self._names[bisect.bisect_right(self._sums, number % self._sums[-1])]


class Notifications:
    """All notifications of a run."""

    def __init__(self, tag: str, seed: int, channels: tuple[Channel, ...], own_url: str) -> None:
        """`own_url` is where a notification is sent that carries a URL."""
        self.tag, self._own_url = tag, own_url
        self._salt = random.Random(seed).getrandbits(64)
        self._channels = {channel.name: channel for channel in channels}
        self._channel = _Choice({channel.name: channel.share for channel in channels})
        self._family = _Choice(ENDPOINT_SHARES)
        self._scripts = {
            (name, family): _Choice(weights) for name in self._channels for family, weights in of_channel(name).items()
        }

    def get(self, number: int) -> Notification:
        bits = _mix(number, self._salt)
        channel = self._channels[self._channel.pick(bits & 0xFFFF)]
        family = self._family.pick(bits >> 16 & 0xFFFF) if channel is WEBHOOK else ""
        more = _mix(bits, self._salt)
        script = self._scripts[channel.name, family].pick(more & 0xFFFF)
        destination = f"{family}-{(more >> 16) % ENDPOINTS[family]}" if family else channel.name
        expiry = more >> 40 & 0xFF
        return Notification(
            number, channel, (more >> 24 & 0xFFFF) % USERS, family, destination, script,
            PRIORITIES[more >> 48 & 7], family == STEADY and more >> 51 & 31 == 0,
            EXPIRIES[expiry] if expiry < len(EXPIRIES) else None,
        )  # fmt: skip

    def id(self, number: int) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, f"{self.tag}-{number}"))

    def number(self, event_id: bytes) -> int:
        """The number of the notification of an event; ValueError for one that is not of this run."""
        tag, _, digits = event_id.rpartition(b"-")
        if tag != self.tag.encode():
            raise ValueError(event_id)
        return int(digits)

    def record(self, notification: Notification, now: float) -> tuple[bytes, bytes, Headers]:
        """Key, value and headers."""
        number, identity = notification.number, self.id(notification.number)
        time = _rfc3339(now)
        value = {
            "id": identity, "channel": notification.channel.name,
            "event": {"id": f"{self.tag}-{number}", "type": "order.created", "source": "chaos", "time": time},
            "user_id": f"u{notification.user}", "recipient": self._recipient(notification),
            "content": _content(notification, time), "route": "order-created", "priority": notification.priority,
            "metadata": {},
        }  # fmt: skip
        if notification.expires_in is not None:
            value["expires_at"] = _rfc3339(now + notification.expires_in)
        headers = [
            ("ce_specversion", b"1.0"), ("ce_id", identity.encode()), ("ce_source", b"/notificationhub/core"),
            ("ce_type", f"notification.{notification.channel.name}".encode()), ("content-type", b"application/json"),
        ]  # fmt: skip
        return b"u%d" % notification.user, json.dumps(value).encode(), headers

    def _recipient(self, notification: Notification) -> dict:
        if notification.channel is EMAIL:
            return {"email": f"{mark(notification.number, notification.script)}@example.com"}
        if notification.channel is SMS:
            return {"phone": f"+1555{notification.user:07d}"}
        own = {"url": self._own_url} if notification.has_own_url else {}
        return own | {"endpoint": notification.destination}


def _content(notification: Notification, time: str) -> dict:
    text = mark(notification.number, notification.script)
    if notification.channel is WEBHOOK:
        return {"type": "order.created", "timestamp": time, "data": {"mark": text}}
    if notification.channel is EMAIL:
        return {"subject": f"Order {notification.number}", "text": f"Your order {notification.number} is confirmed."}
    return {"text": text}


def _mix(number: int, salt: int) -> int:
    """SplitMix64: neighbours have nothing in common."""
    value = (number * 0x9E3779B97F4A7C15 + salt) & MASK
    value = ((value ^ value >> 30) * 0xBF58476D1CE4E5B9) & MASK
    value = ((value ^ value >> 27) * 0x94D049BB133111EB) & MASK
    return value ^ value >> 31


def _rfc3339(seconds: float) -> str:
    moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=int(seconds * 1000))
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{moment.microsecond // 1000:03d}Z"
