"""The results: what is demanded beside what was measured, the details, and one line of JSON."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, field

from harness.goal import Goal, goal_table
from harness.table import number, table

from .drain import Drain
from .latency import Latency
from .memory import Memory
from .programs import Floor


@dataclass(frozen=True)
class Measured:
    """One consumer, and the floor in C before and after it."""

    before: Floor
    drain: Drain
    after: Floor

    @property
    def floor_us(self) -> float:
        return (self.before.cpu_us + self.after.cpu_us) / 2

    @property
    def floor_per_second(self) -> float:
        return (self.before.per_second + self.after.per_second) / 2

    @property
    def cpu_ratio(self) -> float:
        return self.drain.cpu_us / self.floor_us


@dataclass
class Report:
    machine: str
    options: dict[str, object]
    sink: str = ""
    drains: dict[str, list[Measured]] = field(default_factory=dict)
    latency: Latency | None = None
    isolation: list[tuple[Latency, Latency]] = field(default_factory=list)  # without and with one that hangs
    idle: Memory | None = None
    down: Memory | None = None

    def faults(self) -> list[str]:
        """What must not be, a sentence each."""
        found = []
        for name, rounds in self.drains.items():
            for measured in rounds:
                if measured.drain.lost:
                    found.append(f"{name}: {measured.drain.lost:,} were not delivered")
                if measured.drain.added:
                    found.append(f"{name}: {measured.drain.added:,} deliveries too many")
        latencies = [latency for pair in self.isolation for latency in pair]
        for latency in [*latencies, *([self.latency] if self.latency else [])]:
            if latency.lost:
                found.append(f"{latency.lost:,} webhooks of a steady load did not arrive")
        return found

    # MARK: For people

    def lines(self) -> list[str]:
        parts = [self._goal_lines(), self._drain_lines(), self._isolation_lines()]
        return [line for part in parts if part for line in ["", *part]]

    def _goal_lines(self) -> list[str]:
        goals = [*self._webhook_goals(), *self._mail_goals(), *self._steady_goals(), *self._memory_goals()]
        return goal_table(goals)

    def _webhook_goals(self) -> list[Goal]:
        rounds = self.drains.get("webhooks")
        if not rounds:
            return []
        return [
            Goal("webhook: CPU per delivery, × floor", 2.2, 1.5, _median(m.cpu_ratio for m in rounds), "×", 2),
            Goal("webhooks/s, 64 in flight, 1 endpoint", 8000, 12000, _median(m.drain.per_second for m in rounds), is_rate=True),
        ]

    def _mail_goals(self) -> list[Goal]:
        goals = []
        if rounds := self.drains.get("mails"):
            goals = [
                Goal("mail: CPU per mail, × floor", 2.5, 1.7, _median(m.cpu_ratio for m in rounds), "×", 2),
                Goal("mails/s, 16 connections", 6000, 12000, _median(m.drain.per_second for m in rounds), is_rate=True),
            ]
        if slow := self.drains.get("mails, 20 ms each"):
            rate = _median(m.drain.per_second for m in slow)
            goals.append(Goal("mails/s, 16 connections, 20 ms per mail", 600, 750, rate, is_rate=True))
        return goals

    def _steady_goals(self) -> list[Goal]:
        goals = []
        if self.latency:
            rate = f"{self.options['rate']:,} events/s, event to webhook"
            goals += [
                Goal(f"{rate}, p50", 60, 25, self.latency.p50, " ms", 1),
                Goal(f"{rate}, p99", 250, 100, self.latency.p99, " ms", 1),
            ]
        if self.isolation:
            without = _median(pair[0].p99 for pair in self.isolation)
            longer = _median(pair[1].p99 for pair in self.isolation) - without
            # Twenty per cent, or ten milliseconds where that is more; the aim is five per cent.
            goals.append(
                Goal("99 endpoints' p99 longer while one hangs", max(0.2 * without, 10), 0.05 * without, longer, " ms", 1)
            )
        return goals

    def _memory_goals(self) -> list[Goal]:
        goals = []
        if self.idle:
            goals.append(Goal("memory, idle", 40, 25, self.idle.resident_mb, " MB", 1))
        if self.down:
            backlog = f"{self.options['backlog']:,}"
            goals.append(Goal(f"peak memory, {backlog} waiting, all down", 128, 96, self.down.peak_mb, " MB", 1))
        return goals

    def _drain_lines(self) -> list[str]:
        if not self.drains:
            return []
        heads = [
            "backlog", "per s", "CPU µs", "× floor CPU", "floor CPU µs", "floor per s", "broker µs", "peak MB",
        ]  # fmt: skip
        return table(heads, [self._drain_row(name, rounds) for name, rounds in self.drains.items()])

    @staticmethod
    def _drain_row(name: str, rounds: list[Measured]) -> list[str]:
        broker = [m.drain.broker_us for m in rounds]
        return [
            name,
            number(_median(m.drain.per_second for m in rounds)),
            number(_median(m.drain.cpu_us for m in rounds), 2),
            number(_median(m.cpu_ratio for m in rounds), 2),
            number(_median(m.floor_us for m in rounds), 2),
            number(_median(m.floor_per_second for m in rounds)),
            number(None if None in broker else statistics.median(broker), 1),
            number(max(m.drain.peak_mb for m in rounds)),
        ]

    def _isolation_lines(self) -> list[str]:
        rows = [[name, *_latency_cells(latency)] for name, latency in self._latencies()]
        heads = ["milliseconds", "p50", "p90", "p99", "max", "CPU %"]
        return table(heads, rows) if rows else []

    def _latencies(self) -> list[tuple[str, Latency]]:
        found = [("event to webhook", self.latency)] if self.latency else []
        for index, name in enumerate(("99 endpoints, none hangs", "99 endpoints, one hangs")):
            if self.isolation:
                found.append((name, _median_latency([pair[index] for pair in self.isolation])))
        return found

    # MARK: For programs

    def as_json(self) -> str:
        values = {
            "machine": self.machine, **self.options, "sink": self.sink, "faults": self.faults(),
            "drains": {name: [asdict(measured) for measured in rounds] for name, rounds in self.drains.items()},
            "latency": asdict(self.latency) if self.latency else None,
            "isolation": [[asdict(latency) for latency in pair] for pair in self.isolation],
            "idle": asdict(self.idle) if self.idle else None, "down": asdict(self.down) if self.down else None,
        }  # fmt: skip
        return json.dumps(_rounded(values))


def _median(values) -> float:
    return statistics.median(values)


def _median_latency(latencies: list[Latency]) -> Latency:
    """The median of each number."""

    def median(name: str) -> float:
        return _median(getattr(latency, name) for latency in latencies)

    lost = sum(latency.lost for latency in latencies)
    cpu = [_median(sum(latency.cpu_percent) for latency in latencies)]
    return Latency(median("p50"), median("p90"), median("p99"), median("max"), lost, cpu)


def _latency_cells(latency: Latency) -> list[str]:
    times = [number(value, 1) for value in (latency.p50, latency.p90, latency.p99, latency.max)]
    return [*times, " + ".join(number(percent) for percent in latency.cpu_percent)]


def _rounded(value):
    if isinstance(value, float):
        return round(value, 3)
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_rounded(item) for item in value]
    return value
