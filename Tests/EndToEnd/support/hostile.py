"""Texts that try to be more than a text, and notifications with one of them in each of their fields."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from localhub.kafka import Headers

from .notifications import headers_of

TEXTS = {
    "CRLF and a header": "a\r\nBcc: victim@victim.example\r\nX-Injected: 1",
    "LF and a header": "a\nX-Injected: 1",
    "CR and a header": "a\rX-Injected: 1",
    "CRLF and a body": "a\r\n\r\ninjected",
    "the end of a message and another": "a\r\n.\r\nMAIL FROM:<x@y.example>\r\nRCPT TO:<victim@victim.example>\r\nDATA\r\n",
    "a bare LF end of message": "a\n.\nQUIT\n",
    "a bare CR end of message": "a\r.\rQUIT\r",
    "another request": "a\r\nContent-Length: 0\r\n\r\nPOST /smuggled HTTP/1.1\r\nHost: x\r\n\r\n",
    "NUL": "a\0X-Injected: 1",
    "vertical tab, form feed, escape": "a\v\fX\x1b[2J\x7f\x08",
    "NEL": "a\u0085X-Injected: 1",
    "line and paragraph separator": "a\u2028X-Injected: 1\u2029b",
    "wide CR and LF": "a\u010d\u010aX-Injected: 1\uff0d\uff0a",
    "direction and zero width": "a\u202egnp.exe\u200b\ufeff",
    "an encoded word": "=?utf-8?q?a=0D=0ABcc:_victim@victim.example?=",
    "a MIME boundary": "\r\n--=_{id}--\r\n--=_{id}\r\nContent-Type: text/html\r\n\r\n<script>",
    "form fields": "a&To=%2B15005550001&MediaUrl=http://127.0.0.1/",
    "percent and plus": "%0d%0aX-Injected:%201+%00",
    "quotes and backslashes": '"\\","text":"injected',
    "lone surrogate": "a\ud800b",
    "very long": "x" * 100_000,
    "very long beyond ASCII": "🚀é" * 20_000,
}
COMMON_FIELDS = (
    "id", "user_id", "event.id", "event.type", "event.source", "route", "template", "locale", "priority", "expires_at",
    "metadata.key", "<metadata key>", "<key>", "<header ce_id>", "<header traceparent>", "<header x-retry-attempt>",
)  # fmt: skip


@dataclass(frozen=True)
class Attack:
    """A notification with a hostile text in one field, its key and its headers."""

    field: str
    sort: str
    text: str
    notification: dict[str, Any]
    key: str
    headers: Headers

    @property
    def name(self) -> str:
        return f"{self.sort} in {self.field}"


def attacks(make, fields: tuple[str, ...]) -> Iterator[Attack]:
    """Every text in each common field and each of the channel's own; `make` gives a good notification."""
    for field in (*COMMON_FIELDS, *fields):
        for sort, text in TEXTS.items():
            yield _attack(make(), field, sort, text)


def _attack(notification: dict[str, Any], field: str, sort: str, text: str) -> Attack:
    text = text.replace("{id}", notification["id"])
    headers, key = headers_of(notification), notification["user_id"]
    notification = copy.deepcopy(notification)
    if field == "<key>":
        key = _bytes(text)
    elif field == "<metadata key>":
        notification["metadata"] = {text: 1}
    elif field.startswith("<header"):
        name = field.removeprefix("<header ").rstrip(">")
        headers = [header for header in headers if header[0] != name] + [(name, _bytes(text))]
    else:
        *path, last = field.split(".")
        place = notification
        for part in path:
            place = place[part]
        place[last] = place[last] + text if last == "email" else text
    return Attack(field, sort, text, notification, key, headers)


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogatepass")
