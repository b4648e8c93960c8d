"""What `chaos.sh core` can do: a run, the short form, the missing topic, and the proof that the checker bites."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

from harness.broker import BrokerControl
from harness.mutants import MutantTree
from harness.report import Report

from .bites import MUTATIONS, Mutation
from .missing_topic import MissingTopic
from .run import Options, Run

# Every sort of fault that ends a transaction in another way, once.
SHORT = ("kill", "evict", "zombie", "term", "broker-kill", "fence", "storm", "kill-two")


class CoreSubject:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments

    def run(self, broker: BrokerControl) -> int:
        arguments = self._arguments
        if arguments.bites:
            missed = [mutation.patch for mutation in MUTATIONS if not self._bites(mutation, broker)]
            print(f"  {len(MUTATIONS) - len(missed)} of {len(MUTATIONS)} deliberate bugs were found")
            return 1 if missed else 0
        if arguments.missing_topic:
            return self._missing_topic(broker)
        if arguments.short:
            options = self._options("run", arguments.bin, len(SHORT), SHORT)
            return show(Run(options, broker).run()) or self._missing_topic(broker)
        return show(Run(self._options("run", arguments.bin, arguments.cycles, arguments.faults), broker).run())

    def _missing_topic(self, broker: BrokerControl) -> int:
        return show(MissingTopic(self._options("missing", self._arguments.bin), broker).run())

    def check_mutations(self) -> int:
        """Whether every patch still fits the sources."""
        for mutation in MUTATIONS:
            self._tree().apply(mutation.patch)
            print(f"  {mutation.patch} fits")
        return 0

    def _bites(self, mutation: Mutation, broker: BrokerControl) -> bool:
        print(f"\n  {mutation.patch}: building", flush=True)
        tree = self._tree()
        tree.apply(mutation.patch)
        binaries = tree.build("core-service")
        options = self._options(mutation.patch, binaries, mutation.cycles, mutation.faults)
        # So many events that a transaction is open and records are waiting whenever something happens.
        options = replace(
            options, rate=2 * options.rate, tick=0.02, transaction_timeout=mutation.transaction_timeout
        )
        report = Run(options, broker).run()
        show(report)
        found = report.breaches[mutation.breach]
        print(f"  {mutation.patch}: {'found' if found else 'NOT FOUND'}, {mutation.breach} {found}", flush=True)
        return found > 0

    def _tree(self) -> MutantTree:
        return MutantTree(self._arguments.state.parent / "mutants")

    def _options(self, name: str, binaries: Path, cycles: int = 0, faults: tuple[str, ...] = ()) -> Options:
        arguments = self._arguments
        return Options(
            arguments.seed, cycles, arguments.instances, arguments.rate, binaries / "core-service",
            arguments.state / name, name, faults=faults,
        )  # fmt: skip


def show(report: Report) -> int:
    """Prints the report, the line of JSON last; 0 when everything was as it must be."""
    print()
    for line in report.lines():
        print(f"  {line}")
    print(report.as_json(), flush=True)
    return 0 if report.passed else 1
