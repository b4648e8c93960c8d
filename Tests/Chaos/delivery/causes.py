"""Which fault explains that something was done twice, or too early: processes and broker as they really were."""

from __future__ import annotations

import bisect
import signal
from collections.abc import Iterable
from typing import NamedTuple

from harness.fleet import Life
from localhub.unruly.ledger import Entry

from .channels import Channel

# A request that reaches the receiver so late after it was sent may be given up before its answer arrives.
LATE_SHARE = 0.6
# From the end of a stop to the arrival of what was about to be sent.
DISPATCH = 1.0
# What was done right before the broker went away may not have been committed.
COMMIT_LAG = 0.5
# After an absence clients need some time to find the broker and their group again.
RETURN = 10.0


class Cause(NamedTuple):
    kind: str  # kill, exit, stop, session, broker, network or late
    who: str  # the process, or which of the faults of its kind


class Window(NamedTuple):
    """A time in which something was out of order."""

    begin: float
    end: float

    def touches(self, begin: float, end: float) -> bool:
        return self.begin <= end and self.end >= begin


class Causes:
    def __init__(
        self, lives: Iterable[Life], losses: dict[str, list[float]], absences: list[tuple[float, float]],
        network: dict[str, list[Window]], cut_off: dict[str, list[Window]],
    ) -> None:  # fmt: skip
        """`losses` has the times at which members lost their session, `network` those of faults before an endpoint,
        `cut_off` those of faults between a member and the broker."""
        self._lives, self._losses = {life.name: life for life in lives}, losses
        self._broker = [_until_back(*absence) for absence in absences]
        self._cut_off = {member: [_until_back(*window) for window in windows] for member, windows in cut_off.items()}
        self._network = network
        self._kills: dict[str, list[tuple[float, str]]] = {}  # by channel
        for life in self._lives.values():
            if life.killed is not None:
                self._kills.setdefault(life.name.partition("-")[0], []).append((life.killed, life.name))
        for kills in self._kills.values():
            kills.sort()

    def of_repeat(self, destination: str, first: Entry, again: Entry, timeout: float) -> Cause | None:
        """Why a notification was attempted `again` although `first` had ended it; None if there is no reason."""
        begin, end = left(first), again.arrived
        if cause := self.interruption(first.sender, begin, end) or self._in_network(destination, begin, first.answered):
            return cause
        # It was stopped when it was about to send what another process has sent meanwhile.
        if cause := self.interruption(again.sender, (again.sent or again.arrived) - DISPATCH, end):
            return cause
        if first.sent and first.answered - first.sent > timeout * LATE_SHARE:
            return Cause("late", first.sender)
        return self.absence(first.sender, begin, end) or self.absence(again.sender, left(again), end)

    def interruption(self, sender: str, begin: float, end: float) -> Cause | None:
        """What happened to a process in between."""
        life = self._lives.get(sender)
        if life is None:
            return None
        if life.killed is not None and begin <= life.killed <= end:
            return Cause("kill", sender)
        if life.code not in (None, 0, -signal.SIGKILL) and life.ended is not None and begin <= life.ended:
            return Cause("exit", sender)
        stops = [Window(*stop) for stop in life.stops]
        if life.stopped is not None:
            stops.append(Window(life.stopped, end))
        if any(stop.touches(begin, end) for stop in stops):
            return Cause("stop", sender)
        for number, loss in enumerate(self._losses.get(life.member.name, [])):
            # The group may have given it up some time before it came to know.
            if begin <= loss <= end + RETURN:
                return Cause("session", f"{sender}, loss {number + 1}")
        return None

    def reloaded(self, sender: str, begin: float, end: float) -> bool:
        """Whether a process was told to read its configuration in between."""
        life = self._lives.get(sender)
        return life is not None and any(begin <= reload <= end for reload in life.reloads)

    def fault(self, channel: Channel, begin: float, end: float) -> Cause | None:
        """A fault of any process of a channel in between: the last kill, else a stop, else a lost session, else the
        broker's."""
        kills = self._kills.get(channel.name, [])
        index = bisect.bisect_right(kills, (end, "~")) - 1
        if index >= 0 and kills[index][0] >= begin:
            return Cause("kill", kills[index][1])
        for life in self._lives.values():
            if life.name.startswith(channel.name) and any(Window(*stop).touches(begin, end) for stop in life.stops):
                return Cause("stop", life.name)
        for member, losses in self._losses.items():
            if member.startswith(channel.name) and any(begin <= loss <= end + RETURN for loss in losses):
                return Cause("session", member)
        return self.absence(channel.name, begin, end)

    def absence(self, who: str, begin: float, end: float) -> Cause | None:
        """The broker was of no use to somebody in between: a process, or any of a channel's."""
        for number, window in enumerate(self._broker):
            if window.touches(begin, end):
                return Cause("broker", f"{who}, absence {number + 1}")
        for member, windows in self._cut_off.items():
            if f"{who}-".startswith(f"{member}-") or member.startswith(f"{who}-"):
                for number, window in enumerate(windows):
                    if window.touches(begin, end):
                        return Cause("broker", f"{who}, cut off {number + 1}")
        return None

    def _in_network(self, destination: str, begin: float, end: float) -> Cause | None:
        for number, window in enumerate(self._network.get(destination, [])):
            if window.touches(begin, end):
                return Cause("network", f"{destination}, fault {number + 1}")
        return None


def left(entry: Entry) -> float:
    """When an attempt left its sender, at the earliest: what it sent arrives even if it is killed at once."""
    return entry.sent or entry.arrived - DISPATCH


def _until_back(begin: float, end: float) -> Window:
    """From what could not be committed any more until clients have found their way back."""
    return Window(begin - COMMIT_LAG, end + RETURN)
