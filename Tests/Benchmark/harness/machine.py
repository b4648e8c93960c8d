"""The machine that was measured, in one line: without it the numbers say little."""

from __future__ import annotations

import datetime
import os
from pathlib import Path


def describe() -> str:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    now = datetime.datetime.now(datetime.timezone.utc)
    cores = len(os.sched_getaffinity(0))
    return f"{_processor()}, {cores} core{'s' * (cores != 1)}, {memory:.0f} GiB, {now:%Y-%m-%d %H:%M} UTC"


def load_average() -> float:
    """Processes that wanted to run during the last minute; more than a few before the start disturb every number."""
    return os.getloadavg()[0]


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return os.uname().machine
