"""The course of a run: faults one after another, and after each of them the work must go on."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from .faults import Fault
from .report import Gap, Report
from .world import World

STALL_LIMIT = 120.0


class Stalled(RuntimeError):
    """No progress for much longer than is allowed; what has come out so far is judged all the same."""


@dataclass(frozen=True)
class Course:
    world: World
    report: Report
    logs: Path
    ends: Callable[[], list[int]]  # how far each lane of work must have come, and further, after a fault
    check: Callable[[], None]  # raises once the run proves nothing any more
    tell: Callable[[], str]  # what is known so far

    def run(self, faults: Iterable[Fault]) -> None:
        """Stops early, with a note in the report, when the work does."""
        try:
            for number, fault in enumerate(faults, 1):
                self.cycle(number, fault)
        except Stalled as stalled:
            self.report.notes.append(str(stalled))

    def cycle(self, number: int, fault: Fault) -> None:
        world, report = self.world, self.report
        began = time.monotonic()
        world.progress.begin()
        fault.inflict(world)
        ends = self.ends()
        if not world.wait(lambda: self.went_on(ends), STALL_LIMIT, world.broker.clock):
            raise Stalled(f"stalled for {STALL_LIMIT:g} s after cycle {number}, {fault.name}: see {self.logs}")
        report.cycles = number
        report.faults[fault.name] += 1
        seconds, lane = world.progress.longest()
        report.gaps.append(Gap(seconds, number, fault.name, lane))
        self._tell(report.gaps[-1], time.monotonic() - began)
        world.pause(world.random.uniform(0.2, 1.5))

    def went_on(self, ends: list[int]) -> bool:
        """Whether every lane has come further than its end."""
        self.check()
        return self.world.progress.passed(ends)

    def _tell(self, gap: Gap, seconds: float) -> None:
        what = f"{gap.cycle:>4}  {gap.fault:<17}{seconds:6.1f} s  gap {gap.seconds:5.1f} s"
        where = f", {gap.lane}" if gap.seconds > self.report.gap_limit else ""
        print(f"  {what}  {self.tell()}{where}", flush=True)
