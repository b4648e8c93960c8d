"""One run: instances under load, faults one after another, the drain, the verdict."""

from __future__ import annotations

import itertools
import random
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from confluent_kafka import Consumer, TopicPartition

from harness.broker import BrokerControl
from harness.commits import Commits
from harness.faults import COMMON, Fault, endless_plan
from harness.fleet import Fleet
from harness.progress import Progress
from harness.report import Gap, Report
from harness.world import World
from localhub.kafka import QUIET, Broker

from .checker import Checker
from .events import Events
from .faults import CoreFaults
from .load import Load
from .setup import GAP_LIMIT, SESSION_TIMEOUT, TRANSACTION_TIMEOUT, Setup
from .topics import INPUTS, PARTITIONS, Topics

DRAIN_LIMIT = 90.0
STALL_LIMIT = 120.0
READ_LIMIT = 300.0


class Stalled(RuntimeError):
    """No progress for much longer than is allowed; what has come out so far is judged all the same."""


@dataclass(frozen=True)
class Options:
    seed: int
    cycles: int
    instances: int
    rate: int
    binary: Path
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
        self._setup = Setup(options.folder, self.topics, broker.address, options.binary, options.transaction_timeout)
        self.fleet = Fleet(self._setup.members(options.instances))
        progress = Progress([f"{topic}[{n}]" for topic in INPUTS for n in range(PARTITIONS)], broker.clock)
        self.commits = Commits(broker.address, self.topics.group, self._inputs(), progress, broker.clock)
        self.load = Load(broker.address, self.events, self.topics.inputs, options.rate, options.tick)
        self.checker = Checker(broker.address, self.topics, self.events, self.load)
        self.world = World(source, broker, self.fleet, progress, SESSION_TIMEOUT, self._setup.guest)
        self._to_come = self._plan()

    def faults(self) -> list[Fault]:
        return COMMON + CoreFaults(self.topics).all()

    def run(self) -> Report:
        began = time.monotonic()
        try:
            self._begin()
            try:
                self.inflict()
            except Stalled as stalled:
                self.report.notes.append(str(stalled))
            self._drain()
        finally:
            self.fleet.kill()
            self.checker.stop()
            self.commits.stop()
        self.report.seconds = time.monotonic() - began
        self._judge()
        return self.report

    def inflict(self) -> None:
        """Everything between the start and the drain."""
        for number, fault in enumerate(itertools.islice(self._to_come, self._options.cycles), 1):
            self.cycle(number, fault)

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
        if not self.world.wait(lambda: self._went_on([0] * len(self.load.ends)), 60):
            raise RuntimeError(f"no progress within 60 s of the start: see {self._setup.logs}")
        self._broker.compact_groups()

    def _plan(self) -> Iterator[Fault]:
        known = {fault.name: fault for fault in self.faults()}
        if not self._options.faults:
            return endless_plan(self.faults(), self.world.random)
        unknown = [name for name in self._options.faults if name not in known]
        if unknown:
            raise RuntimeError(f"there is no fault {unknown[0]}, only {', '.join(known)}")
        return itertools.cycle([known[name] for name in self._options.faults])

    def cycle(self, cycle: int, fault: Fault) -> None:
        world = self.world
        began = time.monotonic()
        world.progress.begin()
        fault.inflict(world)
        ends = list(self.load.ends)
        if not world.wait(lambda: self._went_on(ends), STALL_LIMIT, self._broker.clock):
            raise Stalled(f"stalled for {STALL_LIMIT:g} s after cycle {cycle}, {fault.name}: see {self._setup.logs}")
        self.report.cycles = cycle
        self.report.faults[fault.name] += 1
        seconds, lane = world.progress.longest()
        self.report.gaps.append(Gap(seconds, cycle, fault.name, lane))
        self._tell(self.report.gaps[-1], time.monotonic() - began)
        world.pause(world.random.uniform(0.2, 1.5))

    def _tell(self, gap: Gap, seconds: float) -> None:
        checker = self.checker
        found = f"{checker.duplicated} duplicated, {checker.altered} altered, {checker.disordered} out of order"
        what = f"{gap.cycle:>4}  {gap.fault:<17}{seconds:6.1f} s  gap {gap.seconds:5.1f} s"
        where = f", {gap.lane}" if gap.seconds > GAP_LIMIT else ""
        print(f"  {what}  {self.load.sent:>9,} events  {found}{where}", flush=True)

    def _went_on(self, ends: list[int]) -> bool:
        """Whether an event behind these ends is committed in every input partition."""
        self._check_helpers()
        return self.world.progress.passed(ends)

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
        consumer = Consumer({"bootstrap.servers": self._broker.address, "group.id": self.topics.group} | QUIET)
        behind, total = [], 0
        for place in consumer.committed(self._inputs(), timeout=10):
            end = consumer.get_watermark_offsets(TopicPartition(place.topic, place.partition), timeout=10)[1]
            total += end
            if max(place.offset, 0) != end:
                behind.append(f"{place.topic}[{place.partition}] ({place.offset} of {end})")
        consumer.close()
        if total != self.load.sent:
            raise RuntimeError(f"the load wrote {total} events instead of {self.load.sent}: the run proves nothing")
        return behind

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
        report.exits = self.fleet.exits
        report.notes += self.fleet.crashes + checker.examples
