"""What is measured: the limit, the core, and what the user names."""

from __future__ import annotations

import os
from pathlib import Path

import yaml

from harness import compiler
from harness.failure import Failure
from harness.running import System
from localhub.processes import ROOT, clean_environment

SOURCE = Path(__file__).parent / "limit.c"


class Limit:
    """The C program that only moves bytes."""

    def __init__(self, folder: Path) -> None:
        self._program = compiler.build(SOURCE, folder / "limit", "rdkafka")

    def system(self, name: str, mode: str) -> System:
        return System(name, [str(self._program), mode], clean_environment())


def core(name: str, binaries: Path, folder: Path, routes: Path, instances: int, interval: str | None) -> System:
    """core-service with the routes and templates of a folder, otherwise as it is by default."""
    config = ROOT / "config"
    settings = {
        "routing_file": str(routes / "routing.yaml"), "templates_dir": str(routes / "templates"),
        "endpoints_file": str(config / "endpoints.yaml"), "contacts": {"file": str(config / "contacts.yaml")},
    }  # fmt: skip
    if interval:
        settings["commit"] = {"interval": interval}
    home = folder / name.replace(" ", "-")
    home.mkdir()
    (home / "core.yaml").write_text(yaml.dump(settings))
    # Every instance takes a free port.
    environment = {"CONFIG_DIR": str(home), "METRICS_SERVER_ADDRESS": "127.0.0.1:0", "LOG_FORMAT": "json"}
    return System(name, [str(binaries / "core-service")], clean_environment() | environment, instances)


def other(text: str) -> System:
    """NAME=COMMAND, run by a shell in the caller's environment."""
    name, equals, command = text.partition("=")
    if not name or not equals or not command:
        raise Failure(f"'{text}' is neither an option nor NAME=COMMAND: see scripts/bench.sh --help")
    return System(name, ["sh", "-c", command], dict(os.environ))
