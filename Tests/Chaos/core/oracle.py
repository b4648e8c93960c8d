"""What must come out of an event, worked out from the contract alone: routes, ids, contents, headers, dead letters."""

from __future__ import annotations

import json
import uuid
from dataclasses import dataclass

from .events import Event
from .topics import CHANNELS

DEAD_LETTER, STATUS = len(CHANNELS), len(CHANNELS) + 1  # bits behind those of the channels
EMAIL, SMS, WEBHOOK, SLACK = range(len(CHANNELS))

ROUTES = {
    "order.created": (EMAIL, WEBHOOK, SLACK),
    "order.cancelled": (EMAIL, SMS),
    "payment.success": (EMAIL,),
    "payment.failed": (EMAIL, SMS),
    "user.registered": (EMAIL,),
}
SUBJECTS = {
    "order.created": "Order o{number} confirmed",
    "order.cancelled": "Order o{number} cancelled",
    "payment.success": "Payment received",
    "payment.failed": "Payment failed",
    "user.registered": "Welcome",
}
TEXTS = {
    ("order.created", EMAIL): "Hello u{user}, your order o{number} for {amount} EUR is confirmed.",
    ("order.cancelled", EMAIL): "Hello u{user}, your order o{number} for {amount} EUR is cancelled.",
    ("payment.success", EMAIL): "Hello u{user}, we received {amount} EUR for order o{number}.",
    ("payment.failed", EMAIL): "Hello u{user}, the payment of {amount} EUR for order o{number} failed.",
    ("user.registered", EMAIL): "Hello u{user}, your account is ready.",
    ("order.cancelled", SMS): "Order o{number} is cancelled: {amount} EUR",
    ("payment.failed", SMS): "Payment failed for order o{number}: {amount} EUR",
    ("order.created", SLACK): "New order o{number}: {amount} EUR",
}
ENDPOINTS = {WEBHOOK: "orders", SLACK: "sales"}
REJECTIONS = {"not json": "malformed", "no type": "no_type", "no amount": "template"}


def expected_bits(kind_type: str, flaw: str) -> int:
    """Which outputs an event has, one bit each."""
    if flaw in REJECTIONS:
        return 1 << DEAD_LETTER
    if flaw == "unrouted":
        return 0
    bits = sum(1 << channel for channel in ROUTES[kind_type])
    return bits ^ (1 << SMS) | (1 << STATUS) if flaw == "no phone" else bits


@dataclass(frozen=True)
class Notification:
    id: str
    value: bytes
    headers: dict[str, bytes]  # without traceparent


def notification(event: Event, channel: int) -> Notification:
    """The notification of the event on a channel, with the value as it goes on the wire."""
    kind = event.kind
    route = kind.type.replace(".", "-")
    address = {EMAIL: f"u{event.user}@example.com", SMS: f"+1555{event.user:07d}"}.get(channel) or ENDPOINTS[channel]
    word = CHANNELS[channel]
    text = "\n".join((event.source, event.id, route, word, address))
    notification_id = str(uuid.uuid5(uuid.NAMESPACE_URL, text))
    field = {EMAIL: "email", SMS: "phone"}.get(channel, "endpoint")
    template = "" if channel == WEBHOOK else f',"template":"{route}"'
    value = (
        f'{{"id":"{notification_id}","channel":"{word}","event":{{"id":"{event.id}","type":"{kind.type}",'
        f'"source":"{event.source}","time":"{event.time}"}},"user_id":"u{event.user}",'
        f'"recipient":{{"{field}":"{address}"}},"content":'
    ).encode()
    value += content(event, channel)
    priority = "high" if kind.type == "payment.failed" else "normal"
    value += f',"route":"{route}"{template},"priority":"{priority}","metadata":{{}}}}'.encode()
    headers = {
        "ce_specversion": b"1.0", "ce_id": notification_id.encode(), "ce_source": b"/notificationhub/core",
        "ce_type": b"notification." + word.encode(), "content-type": b"application/json",
    }  # fmt: skip
    return Notification(notification_id, value, headers)


def content(event: Event, channel: int) -> bytes:
    kind = event.kind
    if channel == WEBHOOK:
        return f'{{"type":"{kind.type}","timestamp":"{event.time}","data":'.encode() + event.value + b"}"
    values = {"user": event.user, "number": event.number, "amount": event.amount}
    text = TEXTS[kind.type, channel].format(**values)
    # A template file ends with a line feed; of one-line parts it is dropped.
    if channel == EMAIL:
        return f'{{"subject":"{SUBJECTS[kind.type].format(**values)}","text":"{text}\\n"}}'.encode()
    return f'{{"text":"{text}"}}'.encode()


def same_value(event: Event, channel: int, found: bytes, wanted: bytes) -> bool:
    """Byte for byte, or the same JSON; the data of a webhook are the event's bytes in any case."""
    if found == wanted:
        return True
    try:
        if json.loads(found) != json.loads(wanted):
            return False
    except ValueError:
        return False
    return channel != WEBHOOK or event.value in found
