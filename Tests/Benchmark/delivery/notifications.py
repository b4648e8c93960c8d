"""The load: notifications as the core writes them. Number i is always the same."""

from __future__ import annotations

import random
import time

USERS = 10_000
# Of the content, which is the body of the request.
WEBHOOK_BYTES = 600
# Of the whole mail, with the headers that the channel writes.
MAIL_BYTES = 2048
MAIL_HEADER_BYTES = 420
MAIL_LINE_BYTES = 76
TIME = "2026-11-21T01:00:00Z"

# Text that compression does not take away: what is read ahead is measured in bytes as they travel.
FILLER = random.Random(1).randbytes(1 << 15).hex()

Headers = list[tuple[str, bytes]]


def _filler(number: int, size: int) -> str:
    start = number * 997 % (len(FILLER) - size)
    return FILLER[start : start + size]


def webhook(number: int, endpoint: str, is_timed: bool = False) -> tuple[str, str, Headers]:
    """Key, value and headers. With the time of its sending, where latencies are measured."""
    sent = f'"sent_at":{time.monotonic_ns()},' if is_timed else ""
    start = f'{{"type":"order.created","timestamp":"{TIME}","data":{{{sent}"number":{number},"note":"'
    content = start + _filler(number, WEBHOOK_BYTES - len(start) - 3) + '"}}'
    return _record(number, "webhook", f'{{"endpoint":"{endpoint}"}}', content)


def email(number: int) -> tuple[str, str, Headers]:
    lines = range((MAIL_BYTES - MAIL_HEADER_BYTES) // MAIL_LINE_BYTES)
    text = "\\n".join(_filler(number + line, MAIL_LINE_BYTES - 2) for line in lines)
    content = f'{{"subject":"Your order {number}","text":"{text}"}}'
    return _record(number, "email", f'{{"email":"user{number % USERS}@example.org"}}', content)


def _record(number: int, channel: str, recipient: str, content: str) -> tuple[str, str, Headers]:
    mixed = number * 2654435761 & 0xFFFFFFFF
    user, identity = f"u{mixed % USERS}", f"{mixed:08x}-0000-5000-8000-{number:012x}"
    value = (
        f'{{"id":"{identity}","channel":"{channel}","event":{{"id":"e{number:09}","type":"order.created",'
        f'"source":"order.events","time":"{TIME}"}},"user_id":"{user}","recipient":{recipient},"content":{content},'
        f'"route":"order-created","priority":"normal","metadata":{{}}}}'
    )
    headers = [
        ("ce_specversion", b"1.0"), ("ce_id", identity.encode()), ("ce_source", b"/notificationhub/core"),
        ("ce_type", f"notification.{channel}".encode()), ("content-type", b"application/json"),
        ("traceparent", b"00-%032x-%016x-01" % (mixed + 1, number + 1)),
    ]  # fmt: skip
    return user, value, headers


def event(number: int) -> tuple[str, str, str]:
    """Topic, key and value of an event with the time of its sending."""
    mixed = number * 2654435761 & 0xFFFFFFFF
    user = f"u{mixed % USERS}"
    value = (
        f'{{"event_id":"e{mixed:08x}{number:09}","event_type":"order.created","user_id":"{user}",'
        f'"order_id":"ORD{number:06}","amount":{mixed % 500}.99,"sent_at":{time.monotonic_ns()},'
        f'"email":"{user}@example.com","note":"{_filler(number, 300)}"}}'
    )
    return "order.events", user, value
