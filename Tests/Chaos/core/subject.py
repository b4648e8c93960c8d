"""What `chaos.sh core` can do: a run, the short form, the missing topic, and the proof that the checker bites."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from pathlib import Path

from harness.broker import BrokerControl
from harness.mutants import MutantTree, check_mutations, find_mutations
from harness.report import Report, show

from .bites import MUTATIONS, CoreMutation
from .missing_topic import MissingTopic
from .run import Options, Run

# Every sort of fault that ends a transaction in another way, once.
SHORT = ("kill", "evict", "reload", "zombie", "term", "broker-kill", "fence", "storm", "kill-two")


class CoreSubject:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._tree = MutantTree(arguments.state.parent / "mutants")

    def run(self, broker: BrokerControl) -> int:
        arguments = self._arguments
        if arguments.bites:
            return find_mutations(self._tree, "core-service", MUTATIONS, partial(self._run_mutant, broker))
        if arguments.missing_topic:
            return self._missing_topic(broker)
        if arguments.short:
            options = self._options("run", arguments.bin, len(SHORT), SHORT)
            return show(Run(options, broker).run()) or self._missing_topic(broker)
        return show(Run(self._options("run", arguments.bin, arguments.cycles, arguments.faults), broker).run())

    def _missing_topic(self, broker: BrokerControl) -> int:
        return show(MissingTopic(self._options("missing", self._arguments.bin), broker).run())

    def check_mutations(self) -> int:
        return check_mutations(self._tree, MUTATIONS)

    def _run_mutant(self, broker: BrokerControl, mutation: CoreMutation, binaries: Path) -> Report:
        options = self._options(mutation.patch, binaries, mutation.cycles, mutation.faults)
        # So many events that a transaction is open and records are waiting whenever something happens.
        options = replace(
            options, rate=2 * options.rate, tick=0.02, transaction_timeout=mutation.transaction_timeout
        )
        return Run(options, broker).run()

    def _options(self, name: str, binaries: Path, cycles: int = 0, faults: tuple[str, ...] = ()) -> Options:
        arguments = self._arguments
        return Options(
            arguments.seed, cycles, arguments.instances or 3, arguments.rate or 1000, binaries / "core-service",
            arguments.assignment, arguments.state / name, name, faults=faults,
        )  # fmt: skip
