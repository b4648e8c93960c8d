"""Starts the built executables as a user would, keeps their logs, and stops or kills them."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

from .waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]
BINARIES = Path(os.environ.get("NOTIFICATIONHUB_BIN") or ROOT / ".build" / "release")
EXECUTABLES = ("core-service", "email-consumer", "sms-consumer", "webhook-consumer", "slack-consumer")


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def clean_environment() -> dict[str, str]:
    """What every program gets, without settings that happen to be in the caller's shell."""
    kept = ("PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH", "TMPDIR")
    return {name: os.environ[name] for name in kept if name in os.environ}


class Service:
    """One running executable."""

    def __init__(
        self, name: str, environment: dict[str, str], log: Path, arguments: tuple[str, ...] = (),
        directory: Path = ROOT, wrapper: tuple[str, ...] = (),
    ) -> None:  # fmt: skip
        """`wrapper` comes before the command, and must end by executing it."""
        self.name = name
        self.log = log
        self.port = free_port()
        self.last_metrics = ""  # as they were when it was told to stop
        self._terminated = False
        values = {"METRICS_SERVER_ADDRESS": f"127.0.0.1:{self.port}", "LOG_FORMAT": "json"}
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*wrapper, str(BINARIES / name), *arguments],
                env=clean_environment() | values | environment, stdin=subprocess.DEVNULL,
                stdout=output, stderr=output, cwd=directory, start_new_session=True,
            )  # fmt: skip

    @property
    def running(self) -> bool:
        return self.process.poll() is None

    def output(self) -> str:
        return self.log.read_text(errors="replace")

    def last_lines(self, count: int = 12) -> str:
        return "\n".join(self.output().splitlines()[-count:])

    def get(self, path: str) -> tuple[int, str]:
        """Status and body of the operations port; status 0 while nobody listens."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            return response.status, response.read().decode()
        except OSError:
            return 0, ""
        finally:
            connection.close()

    def wait_ready(self, timeout: float = 30) -> Service:
        def ready() -> bool:
            if not self.running:
                raise AssertionError(f"{self.name} ended with {self.process.returncode}:\n{self.last_lines()}")
            return self.get("/readyz")[0] == 200

        try:
            wait_until(ready, f"{self.name} ready", timeout)
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self.last_lines()}") from None
        return self

    def wait_log(self, text: str, timeout: float = 20, after: int = 0) -> None:
        """Returns when the log has the text, looking from the character `after` on."""
        wait_until(lambda: text in self.output()[after:], f"{text!r} in the log of {self.name}", timeout)

    def metric(self, name: str, **labels: str) -> float:
        """The sum of a metric's samples that carry these labels."""
        wanted = [f'{label}="{value}"' for label, value in labels.items()]
        total = 0.0
        for line in self.get("/metrics")[1].splitlines():
            series, _, value = line.rpartition(" ")
            if series.split("{")[0] == name and all(pair in series for pair in wanted):
                total += float(value)
        return total

    def reload(self) -> None:
        self.process.send_signal(signal.SIGHUP)

    def terminate(self) -> None:
        """SIGTERM, once: a second one means "at once"."""
        if self.running and not self._terminated:
            self._terminated = True
            self.last_metrics = self.get("/metrics")[1]
            self.process.terminate()

    def stop(self, timeout: float = 35) -> int:
        """SIGTERM, and the exit code."""
        self.terminate()
        return self.wait(timeout)

    def timed_stop(self) -> tuple[int, float]:
        """SIGTERM; the exit code, and how many seconds it took to come."""
        start = time.monotonic()
        code = self.stop()
        seconds = time.monotonic() - start
        print(f"left after {seconds:.1f} s")
        return code, seconds

    def kill(self) -> None:
        if self.running:
            self.process.kill()
        self.process.wait()

    def wait(self, timeout: float = 30) -> int:
        """The exit code, once it ends by itself."""
        try:
            return self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"{self.name} did not end within {timeout:g} s:\n{self.last_lines()}") from None


finished: list[subprocess.CompletedProcess[str]] = []  # what `run_once` has run in this process, with what it said


def run_once(
    name: str, *arguments: str, environment: dict[str, str] | None = None, directory: Path = ROOT, timeout: float = 30
) -> subprocess.CompletedProcess[str]:
    """Runs an executable to its end."""
    done = subprocess.run(
        [str(BINARIES / name), *arguments], env=clean_environment() | (environment or {}), cwd=directory,
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=timeout,
    )  # fmt: skip
    finished.append(done)
    return done
