"""What processes have used, as Linux counts it: each with all its descendants."""

from __future__ import annotations

import os
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int) -> float:
    """The time that all cores together spent on the process, in user and in kernel mode."""
    total = 0
    for member in _family(pid):
        # utime, stime, and both of the children that have ended.
        total += sum(map(int, _read(member, "stat").rpartition(")")[2].split()[11:15]))
    return total / TICKS


def resident_mb(pid: int) -> float:
    return _sum_mb(pid, "VmRSS:")


def peak_mb(pid: int) -> float:
    """The most that was resident at any time."""
    return _sum_mb(pid, "VmHWM:")


def descriptors(pid: int) -> int:
    """How many files and sockets are open."""
    return sum(_count(member, "fd") for member in _family(pid))


def threads(pid: int) -> int:
    return sum(_count(member, "task") for member in _family(pid))


def _count(pid: int, folder: str) -> int:
    """Nothing when the process has just ended."""
    try:
        return len(os.listdir(f"/proc/{pid}/{folder}"))
    except OSError:
        return 0


def _sum_mb(pid: int, name: str) -> float:
    lines = (line for member in _family(pid) for line in _read(member, "status").splitlines())
    return sum(int(line.split()[1]) for line in lines if line.startswith(name)) / 1024


def _family(pid: int) -> list[int]:
    found = [pid]
    for task in _tasks(pid):
        for child in _read(pid, f"task/{task}/children").split():
            found += _family(int(child))
    return found


def _tasks(pid: int) -> list[str]:
    try:
        return os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []


def _read(pid: int, name: str) -> str:
    """Nothing when the process has just ended."""
    try:
        return Path(f"/proc/{pid}/{name}").read_text()
    except OSError:
        return ""
