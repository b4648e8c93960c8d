"""What `chaos.sh delivery` can do: a run, the short form, and the proof that the checker bites."""

from __future__ import annotations

import argparse
import os
from functools import partial
from pathlib import Path

from harness.broker import BrokerControl
from harness.mutants import Mutation, MutantTree, check_mutations, find_mutations
from harness.report import Report, show

from .bites import MUTATIONS
from .channels import CHANNELS, WEBHOOK, Channel
from .faults import NETWORK
from .run import Options, Run

RATE = 400
# One fault of each sort that ends deliveries, or what follows from them, in another way.
SHORT = ("kill", "reload", "network", "unwritable-kill", "term", "broker-network", "kill-two", "broker-kill")


class DeliverySubject:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._tree = MutantTree(arguments.state.parent / "mutants")
        toxiproxy = os.environ.get("TOXIPROXY")
        self._toxiproxy = Path(toxiproxy) if toxiproxy else None

    def run(self, broker: BrokerControl) -> int:
        arguments = self._arguments
        if arguments.bites:
            return find_mutations(self._tree, WEBHOOK.executable, MUTATIONS, partial(self._run_mutant, broker))
        faults = tuple(name for name in SHORT if self._toxiproxy or name not in NETWORK)
        cycles, faults = (len(faults), faults) if arguments.short else (arguments.cycles, arguments.faults)
        return show(Run(self._options("run", arguments.bin, cycles, faults), broker).run())

    def check_mutations(self) -> int:
        return check_mutations(self._tree, MUTATIONS)

    def _run_mutant(self, broker: BrokerControl, mutation: Mutation, binaries: Path) -> Report:
        options = self._options(mutation.patch, binaries, mutation.cycles, mutation.faults, (WEBHOOK,))
        return Run(options, broker).run()

    def _options(
        self, name: str, binaries: Path, cycles: int, faults: tuple[str, ...], channels: tuple[Channel, ...] = CHANNELS
    ) -> Options:
        arguments = self._arguments
        return Options(
            arguments.seed, cycles, arguments.rate or RATE, binaries, arguments.assignment, arguments.state / name,
            self._toxiproxy, name, channels, faults, arguments.minutes,
        )  # fmt: skip
