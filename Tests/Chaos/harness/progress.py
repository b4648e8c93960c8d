"""How long each lane of work goes without progress."""

from __future__ import annotations

from collections.abc import Callable


class Progress:
    """A lane is whatever may stall by itself, such as an input partition. Its progress is a growing number.

    One thread calls `seen`; the thread that inflicts faults does the rest.
    """

    def __init__(self, lanes: list[str], clock: Callable[[], float]) -> None:
        self._clock, self._names = clock, lanes
        self._last = [clock()] * len(lanes)
        self._highest = [0] * len(lanes)
        self._longest = (0.0, 0)  # seconds and lane

    def seen(self, lane: int, number: int, now: float) -> None:
        """The lane has come as far as `number`."""
        if number <= self._highest[lane]:
            return
        self._highest[lane] = number
        self._longest = max(self._longest, (now - self._last[lane], lane))
        self._last[lane] = now

    def begin(self) -> None:
        """Forgets the longest gap; one that is open goes on."""
        self._longest = (0.0, 0)

    def longest(self) -> tuple[float, str]:
        """The longest gap since `begin`, with those that are still open, and its lane."""
        now = self._clock()
        still_open = ((now - last, lane) for lane, last in enumerate(self._last))
        seconds, lane = max(self._longest, *still_open)
        return seconds, self._names[lane]

    @property
    def numbers(self) -> list[int]:
        """How far each lane has come."""
        return list(self._highest)

    def passed(self, numbers: list[int]) -> bool:
        """Whether every lane has come further than its number."""
        return all(highest > number for highest, number in zip(self._highest, numbers))
