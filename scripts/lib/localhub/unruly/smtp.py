"""An SMTP server with pipelining that answers as the script in each recipient's address says."""

from __future__ import annotations

import asyncio
import re
import time
from collections.abc import Callable

from .ledger import Entry, Ledger
from .script import MARK, Step, step_of

MESSAGE_ID = re.compile(rb"\r\nMessage-ID: *<([^@>]+)@", re.IGNORECASE)
HELLO = b"250-mail.example.test\r\n250-PIPELINING\r\n250-8BITMIME\r\n250-SMTPUTF8\r\n250 SIZE 10000000\r\n"
HANG = 30.0


class Session:
    """One connection, over any number of mails."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, ledger: Ledger, latency: Callable[[int], float]
    ) -> None:
        self._reader, self._writer, self._ledger, self._latency = reader, writer, ledger, latency
        self._sender = ""
        self._mail: tuple[int, int, Step, float] | None = None  # number, attempt, step, arrival

    async def run(self) -> None:
        try:
            self._say(b"220 mail.example.test ESMTP\r\n")
            while line := await self._reader.readline():
                if not await self._command(line):
                    break
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            self._end(is_complete=False)
            self._writer.close()

    async def _command(self, line: bytes) -> bool:
        """Whether the connection goes on."""
        word = line[:4].upper()
        if word in (b"EHLO", b"HELO"):
            self._sender = line[5:].strip().decode().partition(".")[0]
            self._say(HELLO if word == b"EHLO" else b"250 mail.example.test\r\n")
        elif word == b"RCPT":
            return self._recipient(line.decode())
        elif word == b"DATA":
            return await self._data()
        elif word == b"QUIT":
            self._say(b"221 2.0.0 Bye\r\n")
            return False
        else:  # MAIL, RSET, NOOP
            self._say(b"250 2.0.0 Ok\r\n")
        return True

    def _recipient(self, line: str) -> bool:
        match = MARK.search(line)
        if match is None:
            self._say(b"550 5.1.1 No such mailbox\r\n")
            return True
        number = int(match[1])
        count = self._ledger.attempt(number)
        step = step_of(match[2], count)
        self._mail = (number, count, step, time.time())
        if step.status and not step.is_after_body:
            self._end(is_complete=True)
            self._say(_refusal(step))
            return step.status != 421
        self._say(b"250 2.1.5 Ok\r\n")
        return True

    async def _data(self) -> bool:
        if self._mail is None:
            self._say(b"503 5.5.1 No recipient\r\n")
            return True
        self._say(b"354 Go on\r\n")
        await self._writer.drain()
        message = b""
        while (line := await self._reader.readline()) != b".\r\n":
            if not line:
                return False
            message += line
        step = self._mail[2]
        if step.word == "hang":
            # Ends at once when the other side has had enough.
            try:
                await asyncio.wait_for(self._reader.read(1), HANG)
            except asyncio.TimeoutError:
                pass
            return False
        await asyncio.sleep(self._latency(self._mail[0]))
        match = MESSAGE_ID.search(b"\r\n" + message)
        if step.word == "drop":
            return False
        self._end(is_complete=not self._writer.is_closing(), identity=match[1].decode() if match else "")
        self._say(_refusal(step) if step.status else b"250 2.0.0 Ok: queued\r\n")
        return True

    def _say(self, text: bytes) -> None:
        self._writer.write(text)

    def _end(self, is_complete: bool, identity: str = "") -> None:
        """Written down before the answer goes out: whatever follows from the answer comes later."""
        if self._mail is None:
            return
        number, count, step, arrived = self._mail
        self._ledger.write(
            Entry(number, count, arrived, time.time(), step.word, is_complete, 0.0, 0.0, self._sender, "smtp", identity)
        )
        self._mail = None


def _refusal(step: Step) -> bytes:
    # 4.7.1 would mean greylisting; 552 is a mailbox that is full.
    detail = b"2.2" if step.status == 552 else b"3.0"
    return b"%d %d.%b Not now\r\n" % (step.status, step.status // 100, detail)
