"""How long each lane of work goes without a committed result."""

from __future__ import annotations

from collections.abc import Callable


class Progress:
    """A lane is whatever may stall by itself, such as an input partition. Results carry growing numbers.

    The checker's thread calls `seen`; the thread that injects faults does the rest.
    """

    def __init__(self, lanes: list[str], clock: Callable[[], float]) -> None:
        self._clock, self._names = clock, lanes
        self._last = [clock()] * len(lanes)
        self._highest = [-1] * len(lanes)
        self._longest = (0.0, 0)  # seconds and lane

    def seen(self, lane: int, number: int, now: float) -> None:
        """A result of the lane is committed and visible."""
        gap = now - self._last[lane]
        if gap > self._longest[0]:
            self._longest = (gap, lane)
        self._last[lane] = now
        if number > self._highest[lane]:
            self._highest[lane] = number

    def begin(self) -> None:
        """Forgets the longest gap; one that is open goes on."""
        self._longest = (0.0, 0)

    def longest(self) -> tuple[float, str]:
        """The longest gap since `begin`, with those that are still open, and its lane."""
        now = self._clock()
        still_open = ((now - last, lane) for lane, last in enumerate(self._last))
        seconds, lane = max(self._longest, *still_open)
        return seconds, self._names[lane]

    def passed(self, number: int) -> bool:
        """Whether every lane has brought a result of at least this number."""
        return min(self._highest) >= number
