"""A system under test: one process or several, started as a user would, watched and stopped."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path

from . import usage
from .failure import Failure

STOP_LIMIT = 40.0


@dataclass(frozen=True)
class System:
    """Something that can be measured."""

    name: str
    command: list[str]
    environment: dict[str, str]
    instances: int = 1


class Running:
    """`with Running(system, …) as running`: ended by SIGTERM at the end of the block."""

    def __init__(self, system: System, log: Path, **variables: str) -> None:
        self.system, self._log = system, log
        self._processes: list[subprocess.Popen] = []
        self._environment = system.environment | variables

    def __enter__(self) -> Running:
        for _ in range(self.system.instances):
            with self._log.open("ab") as output:
                self._processes.append(
                    subprocess.Popen(
                        self.system.command, env=self._environment, stdin=subprocess.DEVNULL,
                        stdout=output, stderr=output, start_new_session=True,
                    )  # fmt: skip
                )
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            self._signal(process, signal.SIGTERM)
        for process in self._processes:
            try:
                process.wait(STOP_LIMIT)
            except subprocess.TimeoutExpired:
                self._signal(process, signal.SIGKILL)
                process.wait()

    @staticmethod
    def _signal(process: subprocess.Popen, number: signal.Signals) -> None:
        if process.poll() is None:
            os.killpg(process.pid, number)

    def check(self) -> None:
        """Raises Failure when a process has ended by itself."""
        for process in self._processes:
            if process.poll() is not None:
                lines = self._log.read_text(errors="replace").splitlines()[-8:]
                raise Failure(f"{self.system.name} ended with {process.returncode}:\n    " + "\n    ".join(lines))

    def cpu_seconds(self) -> float:
        return sum(usage.cpu_seconds(process.pid) for process in self._processes)

    def resident_mb(self) -> float:
        """Of the largest instance."""
        return max(usage.resident_mb(process.pid) for process in self._processes)

    def peak_mb(self) -> float:
        """Of the largest instance."""
        return max(usage.peak_mb(process.pid) for process in self._processes)
