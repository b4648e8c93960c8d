"""A local SMTP server (aiosmtpd) that keeps every mail and answers as told."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from .waiting import Inbox


@dataclass(frozen=True)
class Mail:
    sender: str
    recipients: list[str]
    content: bytes = field(repr=False)
    at: float
    tls: bool
    login: str | None

    @property
    def message(self) -> EmailMessage:
        """The mail as Python's own email package reads it."""
        return message_from_bytes(self.content, policy=policy.default)  # type: ignore[return-value]

    def part(self, subtype: str) -> str:
        """The text of the first `text/<subtype>` part."""
        body = self.message.get_body(preferencelist=(subtype,))
        if body is None:
            raise AssertionError(f"the mail has no text/{subtype} part")
        return body.get_content()


logging.getLogger("mail.log").setLevel(logging.CRITICAL)  # aiosmtpd's own log

# Given the recipient and how many mails to it were tried so far (this one included); None accepts.
Script = Callable[[str, int], str | None]


class _Handler:
    def __init__(self, receiver: SMTPReceiver) -> None:
        self.receiver = receiver
        self.tries: dict[str, int] = {}

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        self.tries[address] = self.tries.get(address, 0) + 1
        refusal = self.receiver.on_recipient(address, self.tries[address])
        if refusal:
            return refusal
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 Ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        gate = self.receiver.gate
        if gate is not None:
            await asyncio.get_running_loop().run_in_executor(None, gate.wait, 60)
        content = envelope.original_content or b""
        refusal = self.receiver.on_data(envelope.rcpt_tos[0], self.tries.get(envelope.rcpt_tos[0], 0))
        mail = Mail(
            envelope.mail_from or "", list(envelope.rcpt_tos), content, time.time(),
            tls=session.ssl is not None or self.receiver.implicit_tls,
            login=session.auth_data,
        )  # fmt: skip
        if refusal:
            self.receiver.refused.put(mail)
            return refusal
        self.receiver.mails.put(mail)
        return "250 2.0.0 Ok: queued"


class SMTPReceiver:
    """Listens on a free port of 127.0.0.1. `login` is the (user, password) it asks for; a TLS context makes it offer
    STARTTLS, or speak TLS from the first byte with `implicit_tls`."""

    def __init__(
        self,
        name: str = "mails",
        tls: ssl.SSLContext | None = None,
        implicit_tls: bool = False,
        login: tuple[str, str] | None = None,
    ) -> None:
        self.mails: Inbox[Mail] = Inbox(name)
        self.refused: Inbox[Mail] = Inbox(f"refused {name}")
        self.sessions: Inbox[float] = Inbox(f"sessions of {name}")
        self.on_recipient: Script = lambda address, attempt: None
        self.on_data: Script = lambda address, attempt: None
        self.gate: threading.Event | None = None  # while set to an event, the end of data is answered once it is set
        self.implicit_tls = implicit_tls
        self._tls = tls
        self._login = login
        self._protocols: list[SMTP] = []
        self._loop = asyncio.new_event_loop()
        listening = threading.Event()
        threading.Thread(target=self._run, args=(listening,), name=name, daemon=True).start()
        if not listening.wait(10):
            raise RuntimeError("the SMTP receiver did not start")

    def _run(self, listening: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        handler = _Handler(self)

        def authenticate(server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: object) -> AuthResult:
            assert isinstance(data, LoginPassword) and self._login is not None
            accepted = (data.login.decode(), data.password.decode()) == self._login
            return AuthResult(success=accepted, handled=accepted, auth_data=data.login.decode())

        def session() -> SMTP:
            self.sessions.put(time.time())
            starttls = self._tls if self._tls is not None and not self.implicit_tls else None
            warnings.filterwarnings("ignore", message="Requiring AUTH", module="aiosmtpd")
            protocol = SMTP(
                handler, hostname="mail.example.test", loop=self._loop, enable_SMTPUTF8=True, tls_context=starttls,
                require_starttls=starttls is not None, auth_required=self._login is not None,
                auth_require_tls=starttls is not None, authenticator=authenticate if self._login else None,
            )  # fmt: skip
            self._protocols.append(protocol)
            return protocol

        async def listen() -> None:
            self._server = await self._loop.create_server(
                session, "127.0.0.1", 0, ssl=self._tls if self.implicit_tls else None
            )
            self.port: int = self._server.sockets[0].getsockname()[1]
            listening.set()

        self._loop.create_task(listen())
        self._loop.run_forever()

    def close(self) -> None:
        """Ends every connection, so that no client waits for a server that is gone."""

        async def shut() -> None:
            self._server.close()
            for protocol in self._protocols:
                if protocol.transport is not None:
                    protocol.transport.abort()
            await asyncio.sleep(0)  # lets the transports tell their protocols, whose tasks end then
            await asyncio.gather(*(asyncio.all_tasks() - {asyncio.current_task()}), return_exceptions=True)
            self._loop.stop()

        asyncio.run_coroutine_threadsafe(shut(), self._loop)
