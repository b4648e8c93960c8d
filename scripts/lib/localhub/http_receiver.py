"""A local HTTP server that keeps every request and answers as told."""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from email.message import Message
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from .waiting import Inbox


@dataclass(frozen=True)
class Request:
    method: str
    path: str
    headers: Message = field(repr=False)
    body: bytes
    at: float

    @property
    def header_map(self) -> dict[str, str]:
        return {name.lower(): value for name, value in self.headers.items()}


@dataclass(frozen=True)
class Answer:
    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    hold: threading.Event | None = None  # answered only once this is set


Script = Callable[[Request], Answer]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that goes away is part of the tests; nothing to report."""


class HTTPReceiver:
    """Listens on a free port of 127.0.0.1, or of another host; with a TLS context it speaks HTTPS.

    `answer` decides each response and may be replaced at any time.
    """

    def __init__(
        self, name: str, answer: Script | None = None, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None
    ) -> None:
        self.requests: Inbox[Request] = Inbox(name)
        self.answer: Script = answer or (lambda request: Answer())
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                request = Request(self.command, self.path, self.headers, body, time.time())
                receiver.requests.put(request)
                self._respond(receiver.answer(request))

            do_GET = do_PUT = do_POST

            def _respond(self, answer: Answer) -> None:
                if answer.hold is not None:
                    answer.hold.wait(60)
                self.send_response(answer.status)
                for header, value in answer.headers.items():
                    self.send_header(header, value)
                self.send_header("Content-Length", str(len(answer.body)))
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, format: str, *arguments: object) -> None:
                """Requests are kept, not logged."""

        self._server = _Server((host, 0), Handler)
        if tls is not None:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port: int = self._server.server_address[1]
        self.url = f"{'http' if tls is None else 'https'}://{host}:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), name=name, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
