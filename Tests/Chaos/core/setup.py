"""The files and variables with which a run starts its instances."""

from __future__ import annotations

from pathlib import Path

import yaml

from harness.fleet import Member
from localhub.processes import ROOT

from .topics import Topics

SESSION_TIMEOUT = 6  # the shortest that a broker allows by default
TRANSACTION_TIMEOUT = 8
GAP_LIMIT = SESSION_TIMEOUT + 15.0


class Setup:
    """Makes members of one group. Every third has no identity of its own, the others a stable one."""

    def __init__(
        self, folder: Path, topics: Topics, address: str, binary: Path, assignment: str, transaction_timeout: int
    ) -> None:
        self._folder, self._topics, self._address, self._binary = folder, topics, address, binary
        self._assignment, self._transaction_timeout = assignment, transaction_timeout
        self._guests = 0
        self.logs = folder / "logs"
        self.logs.mkdir(parents=True)
        (folder / "core.yaml").write_text(yaml.dump(self._config()))

    def _config(self) -> dict:
        config = ROOT / "config"
        topics = self._topics
        return {
            "kafka": {"partition.assignment.strategy": self._assignment},
            "topics": {
                "inputs": topics.inputs, "notifications": topics.channels, "events_dlq": topics.dead_letters,
                "status": topics.status,
            },
            "routing_file": str(config / "bench" / "routing.yaml"),
            "templates_dir": str(config / "bench" / "templates"),
            "endpoints_file": str(config / "endpoints.yaml"),
            "contacts": {"file": str(config / "contacts.yaml")},
            # Small enough that a burst fills several transactions.
            "commit": {"records": 1000},
            "session_timeout": f"{SESSION_TIMEOUT}s", "transaction_timeout": f"{self._transaction_timeout}s",
        }  # fmt: skip

    def members(self, count: int) -> list[Member]:
        return [self._member(f"core-{number}", stable=number % 3 != 2) for number in range(count)]

    def guest(self) -> Member:
        self._guests += 1
        return self._member(f"guest-{self._guests}", stable=False)

    def _member(self, name: str, stable: bool) -> Member:
        environment = {
            "CONFIG_DIR": str(self._folder), "KAFKA_BROKERS": self._address, "METRICS_SERVER_ADDRESS": "off",
            "KAFKA_GROUP_ID": self._topics.group, "LOG_FORMAT": "json",
        }  # fmt: skip
        if stable:
            environment["INSTANCE_ID"] = name
        return Member(name, self._binary, environment, self.logs / f"{name}.log", stable)

    def aborted(self) -> int:
        """How many transactions the instances have aborted by themselves."""
        return sum(log.read_bytes().count(b'"transaction_aborted"') for log in self.logs.iterdir())
