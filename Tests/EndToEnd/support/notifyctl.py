"""Runs notifyctl as an operator does."""

from __future__ import annotations

import json
import os
import pty
import struct
import fcntl
import subprocess
import termios
from dataclasses import dataclass

from localhub.kafka import Broker, Headers
from localhub.processes import BINARIES, ROOT, clean_environment, run_once

PROGRAM = "notifyctl"


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict]:
        """The lines of --output json."""
        return [json.loads(line) for line in self.out.splitlines()]


class Notifyctl:
    def __init__(self, broker: Broker | None, **environment: str) -> None:
        self.environment = ({"KAFKA_BROKERS": broker.address} if broker else {}) | environment

    def __call__(self, *arguments: str, timeout: float = 60, **environment: str) -> Answer:
        done = run_once(PROGRAM, *arguments, environment=self.environment | environment, timeout=timeout)
        return Answer(done.returncode, done.stdout, done.stderr)

    def json(self, *arguments: str, timeout: float = 60) -> list[dict]:
        """The rows of a command that must succeed."""
        answer = self(*arguments, "--output", "json", timeout=timeout)
        assert answer.code == 0, answer.err
        return answer.rows

    def start(self, *arguments: str, **options) -> subprocess.Popen:
        return subprocess.Popen(
            [str(BINARIES / PROGRAM), *arguments], env=clean_environment() | self.environment, cwd=ROOT,
            stdin=subprocess.DEVNULL, start_new_session=True, **options,
        )  # fmt: skip

    def in_terminal(self, columns: int, *arguments: str) -> str:
        """What it shows in a terminal of that width."""
        controller, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
        process = self.start(*arguments, stdout=terminal, stderr=subprocess.DEVNULL)
        os.close(terminal)
        shown = b""
        try:
            while chunk := os.read(controller, 65536):
                shown += chunk
        except OSError:
            pass  # the other end is closed: that is the end of the output on Linux
        os.close(controller)
        assert process.wait(30) == 0
        return shown.decode().replace("\r\n", "\n")


def dead_letter_headers(topic: str, offset: int, error_class: str = "exhausted", redrives: int = 0, **more: str) -> Headers:
    """What a consumer adds to a dead letter."""
    headers = {
        "x-dlq-original-topic": topic,
        "x-dlq-original-partition": "0",
        "x-dlq-original-offset": str(offset),
        "x-dlq-original-timestamp": "1763683200000",
        "x-dlq-original-group": "email-consumer",
        "x-dlq-error-class": error_class,
        "x-dlq-error-code": "http_500",
        "x-dlq-error-message": "the endpoint answered 500",
        "x-dlq-error-stage": "deliver",
        "x-retry-attempt": "9",
        "x-dlq-redrive-count": str(redrives),
        "kafka_dlt-original-topic": topic,
    } | more
    return [(name, value.encode()) for name, value in headers.items()]
