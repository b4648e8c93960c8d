"""What `chaos.sh core` can do: a run, the short form, the missing topic, and the proof that the checker bites."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness.broker import BrokerControl
from harness.report import Report

from .run import Options, Run

# Every sort of fault that ends a transaction in another way, once.
SHORT = ("kill", "evict", "zombie", "term", "broker-kill", "fence", "storm", "kill-two")


class CoreSubject:
    def __init__(self, arguments: argparse.Namespace, broker: BrokerControl) -> None:
        self._arguments, self._broker = arguments, broker

    def run(self) -> int:
        arguments = self._arguments
        faults = SHORT if arguments.short else arguments.faults
        cycles = len(SHORT) if arguments.short else arguments.cycles
        report = Run(self._options("run", arguments.bin, cycles, faults), self._broker).run()
        return show(report)

    def _options(self, name: str, binaries: Path, cycles: int, faults: tuple[str, ...]) -> Options:
        arguments = self._arguments
        return Options(
            arguments.seed, cycles, arguments.instances, arguments.rate, binaries / "core-service",
            arguments.state / name, name, faults,
        )  # fmt: skip


def show(report: Report) -> int:
    """Prints the report, the line of JSON last; 0 when everything was as it must be."""
    print()
    for line in report.lines():
        print(f"  {line}")
    print(report.as_json(), flush=True)
    return 0 if report.passed else 1
