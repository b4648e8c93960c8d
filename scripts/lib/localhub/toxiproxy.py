"""Toxiproxy, started for a test: TCP proxies that fail as told."""

from __future__ import annotations

import json
import subprocess
import urllib.request
from pathlib import Path

from .processes import free_port
from .waiting import wait_until


class Toxiproxy:
    """One server and its proxies, all on 127.0.0.1."""

    def __init__(self, program: Path, log: Path) -> None:
        self._api = f"http://127.0.0.1:{(port := free_port())}"
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [str(program), "-host", "127.0.0.1", "-port", str(port)], stdin=subprocess.DEVNULL, stdout=output,
                stderr=output, start_new_session=True,
            )  # fmt: skip
        wait_until(self._answers, f"an answer of Toxiproxy (log: {log})")

    def add(self, name: str, upstream: str, listen: str = "127.0.0.1:0") -> str:
        """The address of a new proxy."""
        return self._call("POST", "/proxies", {"name": name, "listen": listen, "upstream": upstream})["listen"]

    def poison(self, name: str, kind: str, upstream: bool = False, **attributes: int) -> None:
        """Adds a toxic such as latency(latency, jitter), reset_peer(timeout) or timeout(timeout); in milliseconds."""
        stream = "upstream" if upstream else "downstream"
        toxic = {"type": kind, "stream": stream, "attributes": attributes}
        self._call("POST", f"/proxies/{name}/toxics", toxic)

    def cut(self, name: str) -> None:
        """Closes every connection and takes no new ones."""
        self._call("POST", f"/proxies/{name}", {"enabled": False})

    def reset(self) -> None:
        """Everything works again."""
        self._call("POST", "/reset")

    def stop(self) -> None:
        self._process.kill()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            self._call("GET", "/proxies")
        except OSError:
            return False
        return True

    def _call(self, method: str, path: str, body: dict | None = None) -> dict:
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self._api + path, data, {"Content-Type": "application/json"}, method=method)
        with urllib.request.urlopen(request, timeout=10) as answer:
            text = answer.read()
        return json.loads(text) if text else {}
