"""Starts the unruly receivers as a process of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

STOP_LIMIT = 10.0


class UnrulyReceivers:
    """`ports` has http, smtp and, with a certificate (key and chain in one file), https; all on 127.0.0.1."""

    def __init__(self, ledger: Path, log: Path, certificate: Path | None = None) -> None:
        self.ledger = ledger
        path = os.pathsep.join([str(Path(__file__).resolve().parents[2]), os.environ.get("PYTHONPATH", "")])
        arguments = [str(ledger)] + ([str(certificate)] if certificate else [])
        with log.open("ab") as errors:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "localhub.unruly", *arguments], env=os.environ | {"PYTHONPATH": path},
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True,
            )  # fmt: skip
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"the receivers did not start: see {log}")
        self.ports: dict[str, int] = json.loads(line)

    @property
    def running(self) -> bool:
        return self._process.poll() is None

    def stop(self) -> None:
        """Returns when the ledger is whole."""
        if not self.running:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
