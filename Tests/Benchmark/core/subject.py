"""`bench.sh core`: the core beside its limit and beside other systems, one after another on one broker."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness import machine
from harness.broker import Broker
from harness.failure import Failure
from harness.numbers import positive
from harness.progress import Step, note, title, warn
from harness.running import System
from harness.topics import Topics
from localhub.processes import ROOT

from . import latency, quiet, systems
from .backlog import EventPublisher
from .drain import Drain, Drains
from .events import notifications_of
from .report import AFTER, BEFORE, Report
from .topics import ALL, INPUTS

PARTS = ("start", "latency", "drain")
BUSY_LOAD = 1.0
WARM_UP_EVENTS = 200_000
WARM_UP_SECONDS = 20


class CoreSubject:
    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--events", type=positive, default=1_000_000)
        parser.add_argument("--rounds", type=positive, default=1)
        parser.add_argument("--partitions", type=positive, default=4)
        parser.add_argument("--instances", type=positive, default=1)
        parser.add_argument("--rate", type=positive, default=1000)
        parser.add_argument("--seconds", type=positive, default=20)
        parser.add_argument("--timeout", type=positive, default=300)
        parser.add_argument("--commit-interval")
        parser.add_argument("--parts", type=lambda text: text.split(","), default=PARTS)
        parser.add_argument("--core-only", action="store_true")
        parser.add_argument("others", nargs="*", metavar="NAME=COMMAND")

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._logs = arguments.state / "logs"
        self._logs.mkdir(parents=True)
        limit = systems.Limit(arguments.state)
        self._before, self._after = limit.system(BEFORE, "copy"), limit.system(AFTER, "copy")
        self._shaped = limit.system("limit, headers", "headers")
        self._core = self._make_core("core", ROOT / "config" / "bench")
        self._html = self._make_core("core, HTML mails", ROOT / "config")
        self._others = [systems.other(text) for text in arguments.others]
        self._broker = Broker(arguments.brokers, arguments.broker_pid, arguments.broker_data)
        self._topics = Topics(arguments.brokers, arguments.partitions, ALL)
        options = {
            name: getattr(arguments, name)
            for name in ("events", "rounds", "partitions", "instances", "commit_interval", "rate", "seconds")
        }
        self._report = Report(machine.describe(), options)
        self._report.exactly_once = {s.name for s in (self._before, self._after, self._shaped, self._core, self._html)}

    def _make_core(self, name: str, routes: Path) -> System:
        arguments = self._arguments
        return systems.core(
            name, arguments.bin, arguments.state, routes, arguments.instances, arguments.commit_interval
        )

    def run(self) -> int:
        note(self._report.machine)
        if machine.load_average() > BUSY_LOAD:
            warn(f"the machine is busy already (load {machine.load_average():.1f}): only the ratios will mean something")
        self._topics.require_none()
        try:
            self._warm_up()
            for part in PARTS:
                if part in self._arguments.parts:
                    self._topics.renew(ALL)
                    {"start": self._start, "latency": self._latency, "drain": self._drain}[part]()
        finally:
            self._topics.remove()
        return self._show()

    def _warm_up(self) -> None:
        """A broker that has just started is slow: its code is compiled while it runs."""
        with Step("warm-up of the broker"):
            self._drains(WARM_UP_EVENTS).measure(self._before)
            if set(self._arguments.parts) != {"drain"}:
                # With many small transactions, which the limit does not have.
                self._latency_of(self._core, WARM_UP_SECONDS)

    def _start(self) -> None:
        title(f"Start and idle memory, {quiet.STARTS} starts each")
        for system in [self._core] if self._arguments.core_only else [self._before, self._core, *self._others]:
            name = "limit" if system is self._before else system.name
            with Step(name) as step:
                result = self._report.quiet[name] = quiet.measure(system, self._topics, self._logs)
                step.result = f"{result.start_seconds:.2f} s, idle {result.idle_mb:.0f} MB"

    def _latency(self) -> None:
        arguments = self._arguments
        title(f"Latency at {arguments.rate:,} events/s, {arguments.seconds} s each")
        for system in [self._core] if arguments.core_only else [self._core, *self._others]:
            with Step(system.name) as step:
                result = self._report.latency[system.name] = self._latency_of(system, arguments.seconds)
                step.result = f"p50 {result.p50:.1f} ms, p99 {result.p99:.1f} ms"

    def _latency_of(self, system: System, seconds: int) -> latency.Latency:
        return latency.measure(system, self._topics, self._broker, self._logs, self._arguments.rate, seconds)

    def _drain(self) -> None:
        arguments = self._arguments
        title(f"Backlog of {arguments.events:,} events, {arguments.partitions} partitions a topic")
        with Step("load"):
            drains = self._drains(arguments.events)
        stored = self._broker.log_bytes(self._topics.partitions_of(INPUTS))
        self._report.bytes_in = None if stored is None else stored / arguments.events
        series = [self._before, self._shaped, self._core, self._html, *self._others, self._after]
        if arguments.core_only:
            series = [self._core]
        for number in range(arguments.rounds):
            if arguments.rounds > 1:
                note(f"round {number + 1} of {arguments.rounds}")
            self._report.rounds.append({system.name: self._measured(drains, system) for system in series})

    def _drains(self, events: int) -> Drains:
        """The backlog, ready to be worked off again and again."""
        self._topics.renew(ALL)
        publisher = EventPublisher(self._topics.address, linger_ms=20)
        publisher.publish_all(events)
        expected = notifications_of(publisher.counts)
        return Drains(self._topics, self._broker, expected, self._logs, self._arguments.timeout)

    @staticmethod
    def _measured(drains: Drains, system: System) -> Drain:
        with Step(system.name) as step:
            drain = drains.measure(system)
            step.result = f"{drain.events_per_second:,.0f} events/s, {drain.cpu_us:.2f} µs/event"
            if drain.lost:
                step.result += f", {drain.lost:,} lost"
        return drain

    def _show(self) -> int:
        report = self._report
        for line in report.lines():
            print(line)
        print(f"\n{report.machine}")
        for line in report.notes():
            warn(line)
        print(report.as_json(), flush=True)
        if report.faults():
            raise Failure("; ".join(report.faults()))
        return 0
