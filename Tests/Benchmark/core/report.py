"""The results: what is demanded beside what was measured, two tables with the details, and one line of JSON."""

from __future__ import annotations

import json
import statistics
from dataclasses import asdict, dataclass, field

from harness.goal import Goal, goal_table
from harness.table import number, table

from .drain import Drain
from .latency import Latency
from .quiet import Quiet

BEFORE, AFTER = "limit before", "limit after"
CORE, STREAMS = "core", "Kafka Streams"  # the names of what the demands are about


@dataclass
class Report:
    machine: str
    options: dict[str, object]
    bytes_in: float | None = None  # per event, as stored
    rounds: list[dict[str, Drain]] = field(default_factory=list)  # by the system's name
    quiet: dict[str, Quiet] = field(default_factory=dict)
    latency: dict[str, Latency] = field(default_factory=dict)
    exactly_once: set[str] = field(default_factory=set)  # the systems that must not write a notification twice

    def faults(self) -> list[str]:
        """What must not be, a sentence each."""
        found = []
        for name, result in [*self.latency.items(), *(item for drains in self.rounds for item in drains.items())]:
            if result.lost:
                found.append(f"{name} lost {result.lost:,} notifications")
            if result.added and name in self.exactly_once:
                found.append(f"{name} wrote {result.added:,} notifications too many")
        return found

    def notes(self) -> list[str]:
        """What a reader should know of the systems that promise less."""
        results = [item for drains in self.rounds for item in drains.items() if item[0] not in self.exactly_once]
        return [f"{name} wrote {drain.added:,} notifications too many" for name, drain in results if drain.added]

    # MARK: Numbers of one system over all rounds, by their median.

    def _drain(self, name: str, value: str) -> float | None:
        found = [getattr(drains[name], value) for drains in self.rounds]
        return None if None in found else statistics.median(found)

    def _of_limit(self, name: str, value: str) -> float | None:
        """How many times the limit's, which is the mean of before and after in the same round; none without it."""
        if AFTER not in self.rounds[0]:
            return None

        def ratio(drains: dict[str, Drain]) -> float:
            limit = (getattr(drains[BEFORE], value) + getattr(drains[AFTER], value)) / 2
            return getattr(drains[name], value) / limit

        return statistics.median(map(ratio, self.rounds))

    def _of_streams(self, value: str) -> float | None:
        """How many times that of Kafka Streams in the same round; none without it."""
        if not self.rounds or STREAMS not in self.rounds[0]:
            return None
        return statistics.median(
            getattr(drains[CORE], value) / getattr(drains[STREAMS], value) for drains in self.rounds
        )

    def _markers_per_second(self, name: str) -> float:
        return statistics.median(
            drains[name].markers_per_event * drains[name].events_per_second for drains in self.rounds
        )

    # MARK: For people

    def lines(self) -> list[str]:
        parts = [goal_table(self._goals()), self._drain_lines(), self._quiet_lines()]
        return [line for part in parts if part for line in ["", *part]]

    def _goals(self) -> list[Goal]:
        """What the core was built to reach, as far as it was measured."""
        goals = [*self._drain_goals(), *self._latency_goals(), *self._quiet_goals()]
        return [goal for goal in goals if goal.measured is not None]

    def _drain_goals(self) -> list[Goal]:
        if not self.rounds:
            return []
        return [
            Goal("CPU per event, × limit's", 2.2, 1.5, self._of_limit(CORE, "cpu_us"), "×", 2),
            Goal("events/s, × limit's", 0.5, 0.7, self._of_limit(CORE, "events_per_second"), "×", 2, is_rate=True),
            Goal(f"CPU per event, × {STREAMS}'", 0.4, 0.25, self._of_streams("cpu_us"), "×", 2),
            Goal(f"events/s, × {STREAMS}'", 1.7, 2.2, self._of_streams("events_per_second"), "×", 2, is_rate=True),
            Goal("peak memory, backlog", 160, 100, self._drain(CORE, "peak_mb"), " MB"),
        ]

    def _latency_goals(self) -> list[Goal]:
        core, streams = self.latency.get(CORE), self.latency.get(STREAMS)
        if core is None or streams is None:
            return []
        return [
            Goal(f"p50 from event to notification, × {STREAMS}'", 0.4, None, core.p50 / streams.p50, "×", 2),
            Goal(f"p99 from event to notification, × {STREAMS}'", 0.5, None, core.p99 / streams.p99, "×", 2),
        ]

    def _quiet_goals(self) -> list[Goal]:
        core = self.quiet.get(CORE)
        if core is None:
            return []
        return [
            Goal("start to first notification", 1.5, 0.7, core.start_seconds, " s", 2),
            Goal("memory, idle", 40, 25, core.idle_mb, " MB"),
        ]

    def _drain_lines(self) -> list[str]:
        if not self.rounds:
            return []
        heads = [
            "backlog", "events/s", "CPU µs/event", "× limit CPU", "× limit rate", "broker µs/event", "markers/s",
            "bytes out/event", "peak MB",
        ]  # fmt: skip
        return table(heads, [self._drain_row(name) for name in self.rounds[0]])

    def _drain_row(self, name: str) -> list[str]:
        return [
            name,
            number(self._drain(name, "events_per_second")),
            number(self._drain(name, "cpu_us"), 2),
            number(self._of_limit(name, "cpu_us"), 2),
            number(self._of_limit(name, "events_per_second"), 2),
            number(self._drain(name, "broker_us"), 1),
            number(self._markers_per_second(name)),
            number(self._drain(name, "bytes_out")),
            number(self._drain(name, "peak_mb")),
        ]

    def _quiet_lines(self) -> list[str]:
        if not self.quiet and not self.latency:
            return []
        heads = [
            f"{self.options['rate']:,} events/s", "p50 ms", "p90 ms", "p99 ms", "max ms", "CPU %", "broker CPU %",
            "markers/s", "start s", "idle MB",
        ]  # fmt: skip
        return table(heads, [self._quiet_row(name) for name in self.quiet | self.latency])

    def _quiet_row(self, name: str) -> list[str]:
        latency, quiet = self.latency.get(name), self.quiet.get(name)
        times = [latency.p50, latency.p90, latency.p99, latency.longest] if latency else [None] * 4
        efforts = [latency.cpu_percent, latency.broker_percent, latency.markers_per_second] if latency else [None] * 3
        return [
            name, *(number(value, 1) for value in times), *(number(value) for value in efforts),
            number(quiet.start_seconds if quiet else None, 2), number(quiet.idle_mb if quiet else None),
        ]  # fmt: skip

    # MARK: For programs

    def as_json(self) -> str:
        values = {
            "machine": self.machine, **self.options, "bytes_in": self.bytes_in, "faults": self.faults(),
            "rounds": [{name: _rounded(drain) for name, drain in drains.items()} for drains in self.rounds],
            "latency": {name: _rounded(latency) for name, latency in self.latency.items()},
            "quiet": {name: _rounded(quiet) for name, quiet in self.quiet.items()},
        }  # fmt: skip
        return json.dumps(values)


def _rounded(result: Drain | Latency | Quiet) -> dict[str, float]:
    return {name: None if value is None else round(value, 3) for name, value in asdict(result).items()}
