"""A name server of the tests, and the means to make one process ask it."""

from __future__ import annotations

import functools
import socket
import struct
import subprocess
import tempfile
import threading
from pathlib import Path

# Resolvers ask port 53 only. This loopback address is the tests' own, so no real name server can be in the way.
ADDRESS = "127.53.0.53"
A = 1


class NameServer:
    """Answers from `addresses`; a name in `silent` gets no answer at all, and any other does not exist.

    Both may be changed at any time; every answer may be kept for 0 s only.
    """

    def __init__(self) -> None:
        self.addresses: dict[str, list[str]] = {}
        self.silent: set[str] = set()
        self.asked: list[str] = []
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((ADDRESS, 53))
        self._socket.settimeout(0.05)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="name server", daemon=True)
        self._thread.start()

    def _serve(self) -> None:
        while not self._stopping.is_set():
            try:
                query, sender = self._socket.recvfrom(4096)
            except TimeoutError:
                continue
            name, kind, question = _question(query)
            self.asked.append(name)
            if name not in self.silent:
                self._socket.sendto(self._answer(query, name, kind, question), sender)

    def _answer(self, query: bytes, name: str, kind: int, question: bytes) -> bytes:
        found = self.addresses.get(name)
        records = [socket.inet_aton(address) for address in found or [] if kind == A]
        code = 0 if found is not None else 3
        head = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(records), 0, 0)
        # The name is a pointer to the one of the question.
        return head + question + b"".join(struct.pack("!HHHIH", 0xC00C, A, 1, 0, 4) + data for data in records)

    def close(self) -> None:
        self._stopping.set()
        self._thread.join()
        self._socket.close()


def _question(query: bytes) -> tuple[str, int, bytes]:
    """Name, type and the bytes of the only question."""
    labels, position = [], 12
    while length := query[position]:
        labels.append(query[position + 1 : position + 1 + length].decode())
        position += 1 + length
    (kind,) = struct.unpack_from("!H", query, position + 1)
    return ".".join(labels).lower(), kind, query[12 : position + 5]


@functools.cache
def why_not() -> str | None:
    """What is missing here, if anything: a process needs a resolv.conf of its own, and the name server port 53."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind((ADDRESS, 53))
        with tempfile.NamedTemporaryFile("w") as file:
            subprocess.run([*asking(Path(file.name)), "true"], check=True, capture_output=True, text=True, timeout=10)
    except subprocess.CalledProcessError as error:
        return error.stderr.strip() or "unshare failed"
    except OSError as error:
        return str(error)
    return None


def asking(resolv_conf: Path) -> tuple[str, ...]:
    """What to write before a command, so that it and nobody else has this resolv.conf."""
    script = 'mount --bind "$0" /etc/resolv.conf && exec "$@"'
    return ("unshare", "--mount", "--propagation", "private", "sh", "-c", script, str(resolv_conf))
