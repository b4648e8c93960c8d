"""The C programs of this benchmark: floors that run to their end, receivers that run beside what is measured."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from harness import compiler
from harness.failure import Failure
from harness.running import System
from localhub.processes import clean_environment, free_port
from localhub.waiting import wait_until

HERE = Path(__file__).parent
FLOOR_LIMIT = 120.0
# Where Debian's package postfix has it, which is not on the PATH of everybody.
POSTFIX_SINKS = ("smtp-sink", "/usr/sbin/smtp-sink")


@dataclass(frozen=True)
class Floor:
    """What the plainest program takes for one delivery."""

    per_second: float
    cpu_us: float


class Programs:
    def __init__(self, folder: Path) -> None:
        self._floors = {
            "webhook": compiler.build(HERE / "floor" / "webhook.c", folder / "floor-webhook", "curl", "crypto"),
            "mail": compiler.build(HERE / "floor" / "mail.c", folder / "floor-mail", "curl"),
        }
        self._consumer = compiler.build(
            HERE / "floor" / "consumer.c", folder / "floor-consumer", "curl", "crypto", "rdkafka"
        )
        self._receivers = {
            name: compiler.build(HERE / "receiver" / f"{name}.c", folder / f"receiver-{name}", "ssl", "crypto")
            for name in ("http", "smtp")
        }

    def floor(self, name: str, *arguments: object) -> Floor:
        command = [str(self._floors[name]), *map(str, arguments)]
        try:
            result = subprocess.run(command, capture_output=True, text=True, timeout=FLOOR_LIMIT)
        except subprocess.TimeoutExpired:
            raise Failure(f"the floor of {name} did not end within {FLOOR_LIMIT:g} s") from None
        if result.returncode != 0:
            raise Failure(f"the floor of {name} failed: {result.stderr.strip()}")
        return Floor(**json.loads(result.stdout))

    def consumer(self, name: str, transfers: int, url: str) -> System:
        """The plainest program that does a consumer's whole job, from the record to the committed offset."""
        return System(name, [str(self._consumer), str(transfers), url], clean_environment())

    def receiver(self, name: str, delay_ms: int = 0, certificate: Path | None = None) -> Receiver:
        """With a file of certificate and key it speaks TLS."""
        return Receiver([str(self._receivers[name]), str(delay_ms), *([str(certificate)] if certificate else [])])


class Receiver:
    """`with programs.receiver("http") as receiver`: it listens on a port of all of 127.0.0.0/8."""

    def __init__(self, command: list[str]) -> None:
        self._command = command

    def __enter__(self) -> Receiver:
        # It ends with its standard input, whatever becomes of this process.
        self._process = subprocess.Popen(self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self._read())
        return self

    def __exit__(self, *_: object) -> None:
        self._process.stdin.close()
        self._process.wait()

    def _read(self) -> str:
        line = self._process.stdout.readline()
        if not line:
            raise Failure(f"{Path(self._command[0]).name} has ended with {self._process.wait()}")
        return line

    def _ask(self, command: str) -> str:
        self._process.stdin.write(command + "\n")
        self._process.stdin.flush()
        return self._read()

    def stats(self) -> dict[str, float]:
        """What has come since the start or the last reset."""
        return json.loads(self._ask("stats"))

    def reset(self) -> None:
        self._ask("reset")


class PostfixSink:
    """Postfix's own receiver, where it is installed; counts nothing."""

    @staticmethod
    def program() -> str | None:
        return os.environ.get("SMTP_SINK") or next(filter(shutil.which, POSTFIX_SINKS), None)

    def __enter__(self) -> PostfixSink:
        self.port = free_port()
        command = [self.program(), "-u", "nobody", f"127.0.0.1:{self.port}", "1000"]
        if os.geteuid() != 0:
            del command[1:3]
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        wait_until(self._listens, "smtp-sink", 10)
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()

    def _listens(self) -> bool:
        if self._process.poll() is not None:
            raise Failure(f"smtp-sink ended: {self._process.stderr.read().strip()}")
        listening = re.compile(rf"^ *\d+: [0-9A-F]+:{self.port:04X} \S+ 0A ", re.MULTILINE)
        return bool(listening.search(Path("/proc/net/tcp").read_text()))
