"""What a run has found, for people and as one line of JSON."""

from __future__ import annotations

import collections
import json
from dataclasses import dataclass, field


@dataclass
class Gap:
    seconds: float
    cycle: int
    fault: str
    lane: str


@dataclass
class Report:
    subject: str
    seed: int
    gap_limit: float
    cycles: int = 0
    seconds: float = 0.0
    faults: collections.Counter[str] = field(default_factory=collections.Counter)
    exits: collections.Counter[int] = field(default_factory=collections.Counter)
    reasons: collections.Counter[str] = field(default_factory=collections.Counter)  # why some left by themselves
    counts: dict[str, int] = field(default_factory=dict)  # events, notifications and what else was there
    breaches: dict[str, int] = field(default_factory=dict)  # lost, duplicated …: each must be 0
    notes: list[str] = field(default_factory=list)  # each a sentence about something that must not be
    gaps: list[Gap] = field(default_factory=list)

    @property
    def longest(self) -> Gap:
        return max(self.gaps, key=lambda gap: gap.seconds, default=Gap(0.0, 0, "none", "none"))

    @property
    def passed(self) -> bool:
        return not any(self.breaches.values()) and not self.notes and self.longest.seconds <= self.gap_limit

    def as_json(self) -> str:
        longest = self.longest
        values = {
            "subject": self.subject, "seed": self.seed, "passed": self.passed, "cycles": self.cycles,
            "seconds": round(self.seconds), **self.counts, **self.breaches,
            "longest_gap_seconds": round(longest.seconds, 1), "longest_gap_after": longest.fault,
            "gap_limit_seconds": self.gap_limit, "faults": dict(self.faults.most_common()),
            "exits": {str(code): count for code, count in sorted(self.exits.items())},
            "reasons": dict(self.reasons.most_common()), "notes": self.notes,
        }  # fmt: skip
        return json.dumps(values)

    def lines(self) -> list[str]:
        longest = self.longest
        return [
            f"cycles {self.cycles} in {self.seconds / 60:.1f} min, seed {self.seed}: " + _pairs(self.faults.most_common()),
            ", ".join(f"{name} {count:,}" for name, count in self.counts.items()),
            ", ".join(f"{name} {count:,}" for name, count in self.breaches.items()),
            f"longest gap {longest.seconds:.1f} s (limit {self.gap_limit:g} s), cycle {longest.cycle}, {longest.fault}, {longest.lane}",
            "exit codes: " + _pairs(sorted(self.exits.items())),
            *(f"{count} left with {reason}" for reason, count in self.reasons.most_common()),
            *self.notes,
        ]


def show(report: Report) -> int:
    """Prints the report, the line of JSON last; 0 when everything was as it must be."""
    print()
    for line in report.lines():
        print(f"  {line}")
    print(report.as_json(), flush=True)
    return 0 if report.passed else 1


def _pairs(items: list[tuple[object, int]]) -> str:
    return ", ".join(f"{name} x{count}" for name, count in items)
