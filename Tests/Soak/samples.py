"""What the processes use over time, and whether that is flat."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from harness import usage
from harness.table import number, table

# What counts as growth over the whole time that is measured.
MOST_MEGABYTES, MOST_SHARE = 4.0, 0.05
MOST_DESCRIPTORS = 8.0
MOST_THREADS = 2.0
# Pairs of samples grow with the square.
MOST_POINTS = 200


@dataclass(frozen=True)
class Sample:
    at: float
    cpu: float
    memory: float  # MB
    descriptors: int
    threads: int


@dataclass(frozen=True)
class Trend:
    """The growth over the time that was measured, by the median of the slopes between all pairs of samples (Theil and
    Sen): single peaks do not count, a leak that never stops does."""

    growth: float
    limit: float

    @property
    def is_flat(self) -> bool:
        return self.growth <= self.limit


class Process:
    """One process under watch. Samples of the warm-up are kept apart."""

    def __init__(self, name: str, pid: int) -> None:
        self.name, self._pid = name, pid
        self.samples: list[Sample] = []

    def take(self) -> Sample:
        sample = Sample(
            time.monotonic(), usage.cpu_seconds(self._pid), usage.resident_mb(self._pid),
            usage.descriptors(self._pid), usage.threads(self._pid),
        )  # fmt: skip
        self.samples.append(sample)
        return sample

    def measured(self, warm_up: float) -> list[Sample]:
        start = self.samples[0].at + warm_up
        return [sample for sample in self.samples if sample.at >= start]

    def trends(self, warm_up: float) -> dict[str, Trend]:
        measured = self.measured(warm_up)
        typical = statistics.median(sample.memory for sample in measured)
        limits = {"memory": max(MOST_MEGABYTES, MOST_SHARE * typical), "descriptors": MOST_DESCRIPTORS, "threads": MOST_THREADS}
        return {name: Trend(_growth(measured, name), limit) for name, limit in limits.items()}


def _growth(samples: list[Sample], name: str) -> float:
    points = [(sample.at, getattr(sample, name)) for sample in samples[:: len(samples) // MOST_POINTS + 1]]
    slopes = [(y2 - y1) / (x2 - x1) for i, (x1, y1) in enumerate(points) for x2, y2 in points[i + 1 :]]
    return statistics.median(slopes) * (points[-1][0] - points[0][0]) if slopes else 0.0


def summary(processes: list[Process], warm_up: float) -> list[str]:
    heads = ["process", "CPU %", "MB, median", "least", "most", "growth", "descriptors", "growth", "threads", "growth"]
    rows = []
    for process in processes:
        measured, trends = process.measured(warm_up), process.trends(warm_up)
        cpu = 100 * (measured[-1].cpu - measured[0].cpu) / (measured[-1].at - measured[0].at)
        memory = [sample.memory for sample in measured]
        rows.append(
            [
                process.name, number(cpu), number(statistics.median(memory), 1), number(min(memory), 1), number(max(memory), 1),
                number(trends["memory"].growth, 1), _range([sample.descriptors for sample in measured]),
                number(trends["descriptors"].growth, 1), _range([sample.threads for sample in measured]),
                number(trends["threads"].growth, 1),
            ]
        )  # fmt: skip
    return table(heads, rows)


def _range(values: list[int]) -> str:
    return f"{min(values)}–{max(values)}" if min(values) < max(values) else f"{min(values)}"
