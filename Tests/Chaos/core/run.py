"""One run: instances under load, faults one after another, the drain, the verdict."""

from __future__ import annotations

import itertools
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import TopicPartition

from harness.broker import BrokerControl
from harness.commits import Commits, behind
from harness.course import Course
from harness.faults import COMMON, Fault, planned
from harness.fleet import Fleet
from harness.progress import Progress
from harness.report import Report
from harness.world import World
from localhub.kafka import Broker

from .checker import Checker
from .events import Events
from .faults import CoreFaults
from .load import Load
from .setup import GAP_LIMIT, SESSION_TIMEOUT, TRANSACTION_TIMEOUT, Setup
from .topics import INPUTS, PARTITIONS, Topics

DRAIN_LIMIT = 90.0
READ_LIMIT = 300.0


@dataclass(frozen=True)
class Options:
    seed: int
    cycles: int
    instances: int
    rate: int
    binary: Path
    assignment: str  # how the group divides its partitions
    folder: Path  # of this run: settings and logs
    name: str = "run"  # of its topics
    tick: float = 0.05  # seconds from one handful of events to the next
    transaction_timeout: int = TRANSACTION_TIMEOUT
    faults: tuple[str, ...] = ()  # only these, in this order again and again; else all by weight


class Run:
    def __init__(self, options: Options, broker: BrokerControl) -> None:
        self._options, self._broker = options, broker
        self.report = Report("core", options.seed, GAP_LIMIT)
        source = random.Random(options.seed)
        shutil.rmtree(options.folder, ignore_errors=True)
        self.topics = Topics(f"{options.name}.")
        self.events = Events(f"{options.name}{options.seed}", options.seed, int(time.time() * 1000), self.topics.inputs)
        Broker(broker.address).create_topics(self.topics.to_make())
        self._setup = Setup(
            options.folder, self.topics, broker.address, options.binary, options.assignment, options.transaction_timeout
        )
        self.fleet = Fleet(self._setup.members(options.instances))
        progress = Progress([f"{topic}[{n}]" for topic in INPUTS for n in range(PARTITIONS)], broker.clock)
        self.commits = Commits(broker.address, self.topics.group, self._inputs(), progress, broker.clock)
        self.load = Load(broker.address, self.events, self.topics.inputs, options.rate, options.tick)
        self.checker = Checker(broker.address, self.topics, self.events, self.load)
        self.world = World(source, broker, self.fleet, progress, SESSION_TIMEOUT, self._setup.guest)
        self._to_come = planned(self.faults(), options.faults, source)
        self.course = Course(
            self.world, self.report, self._setup.logs, lambda: list(self.load.ends), self._check_helpers, self._tell
        )

    def faults(self) -> list[Fault]:
        return COMMON + CoreFaults(self.topics).all()

    def run(self) -> Report:
        began = time.monotonic()
        try:
            self._begin()
            self.course.run(self.plan())
            self._drain()
        finally:
            self.fleet.kill()
            self.checker.stop()
            self.commits.stop()
        self.report.seconds = time.monotonic() - began
        self._judge()
        return self.report

    def plan(self) -> Iterator[Fault]:
        """The faults to come."""
        return itertools.islice(self._to_come, self._options.cycles)

    def lost(self) -> int:
        """How many outputs are missing at the end."""
        return self.checker.lost(self.load.sent)

    # MARK: the course of a run

    def _begin(self) -> None:
        """Returns when offsets of every input partition are committed."""
        self.fleet.start()
        self.load.start()
        self.checker.start()
        self.commits.start()
        if not self.world.wait(lambda: self.course.went_on([0] * len(self.load.ends)), 60):
            raise RuntimeError(f"no progress within 60 s of the start: see {self._setup.logs}")
        self._broker.compact_groups()

    def _tell(self) -> str:
        checker = self.checker
        found = f"{checker.duplicated} duplicated, {checker.altered} altered, {checker.disordered} out of order"
        return f"{self.load.sent:>9,} events  {found}"

    def _check_helpers(self) -> None:
        if self.checker.failure:
            raise RuntimeError(self.checker.failure)
        if self.load.failures:
            raise RuntimeError(f"the load could not be published: {self.load.failures[0]}")

    def _drain(self) -> None:
        """No more events; every offset is committed, the instances end, and the topics are read to their ends."""
        self.load.stop()
        self._check_helpers()
        self.world.wait(lambda: not self._behind(), DRAIN_LIMIT)
        for partition in self._behind():
            self.report.notes.append(f"the committed offset of {partition} is not at its end")
        self.report.notes += self.fleet.stop()
        self.fleet.tend()
        self.checker.look_for_ends()
        if not self.world.wait(lambda: self.checker.is_at_end, READ_LIMIT):
            self.report.notes.append(f"the outputs could not be read to their ends within {READ_LIMIT:g} s")

    def _inputs(self) -> list[TopicPartition]:
        return [TopicPartition(topic, number) for topic in self.topics.inputs for number in range(PARTITIONS)]

    def _behind(self) -> list[str]:
        """The input partitions whose committed offset is not the end."""
        found, ends = behind(self._broker.address, self.topics.group, self._inputs())
        if sum(ends) != self.load.sent:
            raise RuntimeError(f"the load wrote {sum(ends)} events instead of {self.load.sent}: the run proves nothing")
        return found

    def _judge(self) -> None:
        checker, report = self.checker, self.report
        altered = checker.altered + checker.misplaced()
        report.breaches = {
            "lost": self.lost(), "duplicated": checker.duplicated, "altered": altered,
            "order broken": checker.disordered,
        }  # fmt: skip
        report.counts = {
            "events": self.load.sent, "notifications": checker.total - checker.dead_letters - checker.statuses,
            "dead letters": checker.dead_letters, "suppressed": checker.statuses,
            "aborted transactions": self._setup.aborted(),
        }  # fmt: skip
        report.exits, report.reasons = self.fleet.exits, self.fleet.reasons
        report.notes += self.fleet.crashes + checker.examples
