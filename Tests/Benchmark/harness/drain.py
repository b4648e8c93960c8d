"""Follows a system while it works off a backlog: how far its group is, and what it has used."""

from __future__ import annotations

import time
from dataclasses import dataclass

from .broker import Broker
from .failure import Failure
from .group import Group
from .running import Running

TICK = 0.1
# Less than this part of the backlog says nothing about the rate.
LEAST_SHARE = 0.3


@dataclass(frozen=True)
class Sample:
    time: float
    done: int
    cpu: float
    broker_cpu: float | None


@dataclass(frozen=True)
class Pace:
    """What was done between two samples."""

    per_second: float
    cpu_us: float  # per record, of all instances
    broker_us: float | None  # per record


def follow(running: Running, group: Group, broker: Broker, total: int, limit: float) -> Pace:
    """From the first progress of the whole group to the last record, so that the start is left out."""

    def sample() -> Sample:
        done = group.committed()
        return Sample(time.monotonic(), done, running.cpu_seconds(), broker.cpu_seconds())

    first, deadline = None, time.monotonic() + limit
    while (last := sample()).done < total:
        if first is None and last.done > 0 and group.has_settled(running.system.instances):
            first = last
        running.check()
        if last.time > deadline:
            raise Failure(
                f"{running.system.name} did not finish: {last.done:,} of {total:,} records are committed after {limit:g} s"
            )
        time.sleep(TICK)
    if first is None or last.done - first.done < LEAST_SHARE * total:
        raise Failure(f"{running.system.name} was done too soon to be measured: a larger backlog is needed")
    return _pace(first, last)


def _pace(first: Sample, last: Sample) -> Pace:
    records = last.done - first.done
    broker_us = None
    if first.broker_cpu is not None and last.broker_cpu is not None:
        broker_us = (last.broker_cpu - first.broker_cpu) * 1e6 / records
    return Pace(
        per_second=records / (last.time - first.time), cpu_us=(last.cpu - first.cpu) * 1e6 / records, broker_us=broker_us
    )
