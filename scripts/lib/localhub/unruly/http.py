"""An HTTP/1.1 server that answers as the script in each request says, however wrong that is."""

from __future__ import annotations

import asyncio
import email.utils
import math
import re
import socket
import struct
import time
from collections.abc import Callable

from .ledger import Entry, Ledger
from .script import MARK, Step, step_of

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
SENDER = re.compile(rb"\r\nx-sender: *([^\r]+)", re.IGNORECASE)
SENT = re.compile(rb"\r\nwebhook-timestamp: *(\d+)", re.IGNORECASE)
ID = re.compile(rb"\r\nwebhook-id: *([^\r]+)", re.IGNORECASE)
SENDER_IN_PATH = re.compile(r"/by/([^/]+)")
LORIS_PACE = 0.1
# Bodies that the channels take for a success.
BODIES = {"/slack": b"ok", "/2010": b'{"sid":"SM1","status":"queued"}'}


class Conversation(asyncio.Protocol):
    """One connection; one request at a time, as clients without pipelining send them."""

    def __init__(self, ledger: Ledger, latency: Callable[[int], float]) -> None:
        self._ledger, self._latency = ledger, latency
        self._input = b""
        self._open: Attempt | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._input += data
        head, separator, rest = self._input.partition(b"\r\n\r\n")
        if not separator:
            return
        match = LENGTH.search(head)
        length = int(match[1]) if match else 0
        if len(rest) < length:
            return
        self._input = rest[length:]
        self._begin(head, rest[:length])

    def connection_lost(self, error: Exception | None) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._end(is_complete=False)

    # MARK: one attempt

    def _begin(self, head: bytes, body: bytes) -> None:
        mark = MARK.search(body.decode(errors="replace"))
        if mark is None:
            self._transport.write(_answer(400, b"no script"))
            return
        number = int(mark[1])
        step = step_of(mark[2], count := self._ledger.attempt(number))
        path = head.split(b" ", 2)[1].decode()
        self._open = Attempt(number, count, step, path, head)
        delay = self._latency(number) if step.status == 0 else 0.0
        if step.word not in ("hang", "loris"):
            self._timer = asyncio.get_running_loop().call_later(delay, self._answer)
        elif step.word == "loris":
            self._trickle(b"HTTP/1.1 200 OK\r\nX-Slow: ")

    def _answer(self) -> None:
        attempt = self._open
        if attempt is None or self._transport.is_closing():
            return
        step = attempt.step
        if step.word == "reset":
            self._reset()
            return
        body = next((body for start, body in BODIES.items() if start in attempt.path), b"") if step.status == 0 else b"no"
        status = step.status or (201 if "/2010" in attempt.path else 200)
        if step.word in ("half", "long"):
            announced = 100 if step.word == "half" else 2
            self._end(is_complete=step.word == "long")
            self._transport.write(_answer(status, b"okay, okay", announced, close=True))
            self._transport.close()
            return
        now = time.time()
        wish = _retry_after(step, now)
        self._end(is_complete=True, now=now, due=wish[1])
        self._transport.write(_answer(status, body, more=wish[0]))

    def _trickle(self, text: bytes) -> None:
        if self._transport.is_closing():
            return
        self._transport.write(text)
        self._timer = asyncio.get_running_loop().call_later(LORIS_PACE, self._trickle, b".")

    def _reset(self) -> None:
        connection = self._transport.get_extra_info("socket")
        if connection is not None:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._end(is_complete=False)
        self._transport.abort()

    def _end(self, is_complete: bool, now: float | None = None, due: float = 0.0) -> None:
        """Written down before the answer goes out: whatever follows from the answer comes later."""
        if self._open is not None:
            self._ledger.write(self._open.entry(now or time.time(), is_complete, due))
            self._open = None


class Attempt:
    def __init__(self, number: int, count: int, step: Step, path: str, head: bytes) -> None:
        self.number, self.count, self.step, self.path = number, count, step, path
        self._arrived, self._head = time.time(), head

    def entry(self, now: float, is_complete: bool, due: float) -> Entry:
        in_path = SENDER_IN_PATH.search(self.path)
        sender = in_path[1] if in_path else _text(SENDER, self._head)
        return Entry(
            self.number, self.count, self._arrived, now, self.step.word, is_complete, due,
            float(_text(SENT, self._head) or 0), sender, self.path, _text(ID, self._head),
        )  # fmt: skip


def _text(pattern: re.Pattern[bytes], head: bytes) -> str:
    match = pattern.search(head)
    return match[1].decode() if match else ""


def _retry_after(step: Step, now: float) -> tuple[bytes, float]:
    """The header, and the time it asks to wait for."""
    if not step.wait:
        return b"", 0.0
    if not step.is_date:
        return b"Retry-After: %d\r\n" % step.wait, now + step.wait
    date = math.ceil(now + step.wait)
    return f"Retry-After: {email.utils.formatdate(date, usegmt=True)}\r\n".encode(), float(date)


def _answer(status: int, body: bytes, announced: int | None = None, more: bytes = b"", close: bool = False) -> bytes:
    end = b"Connection: close\r\n\r\n" if close else b"\r\n"
    length = len(body) if announced is None else announced
    return b"HTTP/1.1 %d Status\r\nContent-Length: %d\r\n%b%b%b" % (status, length, more, end, body)
