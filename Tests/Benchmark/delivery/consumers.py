"""The executables that are measured, started as a user would, with as little configuration as they need."""

from __future__ import annotations

import json
from pathlib import Path

from harness.running import System
from localhub.processes import ROOT, clean_environment

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"


class Consumers:
    """Each system has a folder of its own for its configuration."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        self._binaries, self._folder = binaries, folder

    def webhook(
        self, name: str, urls: dict[str, str], max_in_flight: int = 64, timeout: str = "15s", ca_file: Path | None = None
    ) -> System:
        """webhook-consumer with these endpoints."""
        endpoint = {"channel": "webhook", "secrets": [SECRET], "max_in_flight": max_in_flight, "timeout": timeout}
        settings: dict[str, object] = {"allow_networks": ["127.0.0.0/8"]}
        if ca_file:
            settings["ca_file"] = str(ca_file)
        return self._system(
            name, "webhook-consumer",
            {
                "webhook.yaml": settings,
                "endpoints.yaml": {"endpoints": {name: endpoint | {"url": url} for name, url in urls.items()}},
            },
        )  # fmt: skip

    def email(self, name: str, port: int) -> System:
        """email-consumer with 16 sessions to a server without TLS."""
        settings = {"smtp": {"host": "127.0.0.1", "port": port, "tls": "off"}, "email": {"from": "Shop <noreply@example.com>"}}
        return self._system(name, "email-consumer", {"email.yaml": settings})

    def core(self, name: str, endpoint: str) -> System:
        """core-service that makes one webhook of every event."""
        route = {"name": "all", "event": ["order.*", "payment.*", "user.*"]}
        notify = [{"channel": "webhook", "to": {"endpoint": endpoint}}]
        endpoints = {endpoint: {"channel": "webhook", "url": "http://127.0.0.1:1/", "secrets": [SECRET]}}
        return self._system(
            name, "core-service",
            {
                "core.yaml": {"contacts": {"file": str(ROOT / "config" / "contacts.yaml")}},
                "routing.yaml": {"routes": [route | {"notify": notify}]}, "endpoints.yaml": {"endpoints": endpoints},
            },
        )  # fmt: skip

    def _system(self, name: str, executable: str, files: dict[str, object]) -> System:
        home = self._folder / name.replace(" ", "-")
        home.mkdir()
        (home / "templates").mkdir()
        for file, content in files.items():
            (home / file).write_text(json.dumps(content))  # which is YAML, too
        environment = {"CONFIG_DIR": str(home), "METRICS_SERVER_ADDRESS": "127.0.0.1:0", "LOG_FORMAT": "json"}
        return System(name, [str(self._binaries / executable)], clean_environment() | environment)
