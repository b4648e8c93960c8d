"""One run: consumers and receivers under load, faults one after another, the drain, the verdict."""

from __future__ import annotations

import contextlib
import itertools
import random
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from harness.broker import BrokerControl
from harness.commits import Commits, behind, committed_offsets
from harness.course import Course
from harness.faults import planned
from harness.fleet import Fleet
from harness.progress import Progress
from harness.report import Report
from harness.world import World
from localhub.kafka import Broker
from localhub.toxiproxy import Toxiproxy
from localhub.unruly import ledger
from localhub.unruly.process import UnrulyReceivers

from .causes import Causes
from .channels import CHANNELS, Channel, Topics
from .faults import BROKER, DeliveryFaults
from .load import Load
from .losses import losses
from .notifications import Notifications
from .outputs import Outputs
from .scripts import ENDPOINTS, PROXIED
from .setup import GAP_LIMIT, MAX_AGE, SESSION_TIMEOUT, Setup
from .verdict import REPEATS_ALLOWED, Judge, Verdict

DRAIN_LIMIT = 120.0
READ_LIMIT = 60.0
KINDS = {
    "kill": "SIGKILL", "stop": "SIGSTOP", "exit": "exit", "session": "loss of the session",
    "broker": "absence of the broker", "network": "fault of the network", "late": "late answers",
}  # fmt: skip
BOUNDED = ("kill", "stop", "exit", "session", "broker")


@dataclass(frozen=True)
class Options:
    seed: int
    cycles: int
    rate: int
    binaries: Path
    assignment: str  # how the groups divide their partitions
    folder: Path  # of this run: settings and logs
    toxiproxy: Path | None
    name: str = "run"  # of its topics
    channels: tuple[Channel, ...] = CHANNELS
    faults: tuple[str, ...] = ()  # only these, in this order again and again; else all by weight
    minutes: int | None = None  # after which there are no more faults
    tick: float = 0.05  # seconds from one handful of notifications to the next


class Run:
    def __init__(self, options: Options, broker: BrokerControl) -> None:
        self._options, self._broker = options, broker
        self.is_strict = options.seed % 2 == 1
        # In strict order the committed offset waits for a lane that is tried again, for no longer than that.
        self.report = Report("delivery", options.seed, GAP_LIMIT + (MAX_AGE if self.is_strict else 0))
        source = random.Random(options.seed)
        folder = options.folder
        shutil.rmtree(folder, ignore_errors=True)
        (folder / "logs").mkdir(parents=True)
        self.topics = Topics(f"{options.name}.", options.channels)
        Broker(broker.address).create_topics(self.topics.to_make())
        with contextlib.ExitStack() as stack:
            proxied = self._surround(stack)
            self._stack = stack.pop_all()  # what must end with the run
        self._setup = Setup(
            folder, self.topics, broker, options.binaries, options.assignment, self._receivers, proxied, self.is_strict
        )
        self.notifications = Notifications(
            f"{options.name}{options.seed}", options.seed, options.channels, self._setup.own_url
        )
        self.fleet = Fleet(self._setup.members())
        self.progress = Progress(
            [f"{place.topic}[{place.partition}]" for channel in options.channels for place in self.topics.mains(channel)],
            broker.clock,
        )
        self.commits = self._commits()
        self.load = Load(broker.address, self.notifications, self.topics, options.rate, options.tick)
        self.outputs = Outputs(broker.address, self.topics, self.notifications)
        self.world = World(source, broker, self.fleet, self.progress, SESSION_TIMEOUT, self._setup.guest)
        self.faults = DeliveryFaults(
            self.topics, self.outputs, self._proxy, list(proxied), self._setup.behind, self._unread
        )
        self._plan = itertools.islice(planned(self.faults.all(), options.faults, source), options.cycles)
        self.course = Course(
            self.world, self.report, self._setup.logs, lambda: self.progress.numbers, self._check_helpers, self._tell
        )

    def run(self) -> Report:
        began = time.monotonic()
        with self._stack:
            self._begin()
            self.course.run(itertools.takewhile(lambda fault: self._has_time(began), self._plan))
            self._drain()
        self._judge(Judge(self.notifications, self.load, self.outputs, self._causes(), self.is_strict))
        self.report.seconds = time.monotonic() - began
        return self.report

    # MARK: what stands around the consumers

    def _surround(self, stack: contextlib.ExitStack) -> dict[str, str]:
        """Starts the receivers and, before some endpoints and the broker, the proxy; the addresses of those endpoints."""
        folder, program = self._options.folder, self._options.toxiproxy
        self._receivers = UnrulyReceivers(folder / "ledger", folder / "logs" / "receivers.log", _certificate(folder))
        stack.callback(self._receivers.stop)
        self._proxy = Toxiproxy(program, folder / "logs" / "toxiproxy.log") if program else None
        if self._proxy is None:
            return {}
        stack.callback(self._proxy.stop)
        upstream = f"127.0.0.1:{self._receivers.ports['http']}"
        if self._broker.upstream and self._broker.behind:
            self._proxy.add(BROKER, self._broker.upstream, self._broker.behind)
        names = [f"{PROXIED}-{number}" for number in range(ENDPOINTS[PROXIED])]
        return {name: self._proxy.add(name, upstream) for name in names}

    def _commits(self) -> list[Commits]:
        first, found = 0, []
        for channel in self._options.channels:
            group, partitions = self.topics.group(channel), self.topics.mains(channel)
            found.append(Commits(self._broker.address, group, partitions, self.progress, self._broker.clock, first))
            first += len(partitions)
        return found

    # MARK: the course of a run

    def _begin(self) -> None:
        """Returns when offsets of every partition are committed."""
        self._stack.callback(self.fleet.kill)
        self.fleet.start()
        self.load.start()
        self.outputs.start()
        self._stack.callback(self.outputs.stop)
        for commits in self.commits:
            commits.start()
            self._stack.callback(commits.stop)
        if not self.world.wait(lambda: self.course.went_on([0] * len(self.progress.numbers)), 60):
            raise RuntimeError(f"no progress within 60 s of the start: see {self._setup.logs}")
        self._broker.compact_groups()

    def _has_time(self, began: float) -> bool:
        minutes = self._options.minutes
        return minutes is None or time.monotonic() - began < minutes * 60

    def _check_helpers(self) -> None:
        if self.outputs.failure:
            raise RuntimeError(self.outputs.failure)
        if self.load.failures:
            raise RuntimeError(f"the load could not be published: {self.load.failures[0]}")
        if not self._receivers.running:
            raise RuntimeError(f"the receivers ended: see {self._setup.logs / 'receivers.log'}")

    def _tell(self) -> str:
        outputs = self.outputs
        return f"{self.load.sent:>8,} sent, {len(outputs.finals):,} ended, {len(outputs.retries):,} retried"

    def _drain(self) -> None:
        """No more notifications; every offset is committed, the instances end, and the topics are read to their ends."""
        self.load.stop()
        self._check_helpers()
        self.world.wait(lambda: not self._behind(), DRAIN_LIMIT)
        self.report.notes += [f"the committed offset of {partition} is not at its end" for partition in self._behind()]
        self.report.notes += self.fleet.stop()
        self.fleet.tend()
        self.outputs.look_for_ends()
        if not self.world.wait(lambda: self.outputs.is_at_end, READ_LIMIT):
            places = ", ".join(self.outputs.unread)
            self.report.notes.append(f"not read to the end within {READ_LIMIT:g} s: {places}")

    def _behind(self) -> list[str]:
        """The partitions of all groups whose committed offset is not the end."""
        self.world.pause(0.2)
        groups = self.topics.groups().items()
        return [place for group, partitions in groups for place in behind(self._broker.address, group, partitions)[0]]

    def _unread(self, topic: str) -> list[str]:
        """Which records of a retry or dead letter topic that nobody can write to are still needed."""
        if unread := [place for place in self.outputs.unread if place.startswith(f"{topic}[")]:
            return [f"{place} by the checker" for place in unread]
        for group, partitions in self.topics.groups().items():
            if partitions[0].topic == topic:
                # Its end is no measure: the last record may be there without being readable.
                committed = committed_offsets(self._broker.address, group, partitions)
                return [
                    f"{topic}[{number}] by {group} ({offset} of {end})"
                    for number, (offset, end) in enumerate(zip(committed, self.outputs.position(topic)))
                    if offset < end
                ]
        return []

    # MARK: the verdict

    def _causes(self) -> Causes:
        lives = self.fleet.lives
        return Causes(lives, losses(lives), self._broker.absences, self.faults.network, self.faults.cut_off)

    def _judge(self, judge: Judge) -> None:
        report, outputs = self.report, self.outputs
        verdict = judge.judge(ledger.read(self._receivers.ledger))
        report.breaches = verdict.breaches
        report.counts = {
            "notifications": self.load.sent, "kills": sum(life.killed is not None for life in self.fleet.lives),
            "attempts": verdict.attempts, "delivered": verdict.delivered, "retried": len(outputs.retries),
            "dead letters": len(outputs.dead_letters), **self._repeats(verdict),
        }  # fmt: skip
        report.exits, report.reasons = self.fleet.exits, self.fleet.reasons
        report.notes += self.fleet.crashes + verdict.examples
        report.notes += [f"a record of no notification: {text}" for text in outputs.strangers[:3]]

    def _repeats(self, verdict: Verdict) -> dict[str, int]:
        counts = {}
        for kind, name in KINDS.items():
            total, most = verdict.of_kind(kind)
            counts[f"repeated after {name}"] = total
            if kind in BOUNDED:
                counts[f"at most after one {name}"] = most
            if kind in BOUNDED and most > REPEATS_ALLOWED:
                self.report.notes.append(f"{most} repeated after one {name}: more than {REPEATS_ALLOWED}")
        return counts


def _certificate(folder: Path) -> Path:
    """Nobody trusts it."""
    file = folder / "untrusted.pem"
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    command += ["-days", "30", "-subj", "/CN=localhost", "-keyout", str(file), "-out", str(folder / "certificate.pem")]
    subprocess.run(command, check=True, capture_output=True)
    with file.open("ab") as both:
        both.write((folder / "certificate.pem").read_bytes())
    return file
