"""How long each lane of work goes without a committed result."""

from __future__ import annotations

from collections.abc import Callable


class Progress:
    """A lane is whatever may stall by itself, such as an input partition. Results carry growing numbers.

    The checker's thread calls `seen`; the thread that injects faults does the rest.
    """

    def __init__(self, lanes: int, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._last = [clock()] * lanes
        self._highest = [-1] * lanes
        self.longest = 0.0

    def seen(self, lane: int, number: int, now: float) -> None:
        """A result of the lane is committed and visible."""
        gap = now - self._last[lane]
        if gap > self.longest:
            self.longest = gap
        self._last[lane] = now
        if number > self._highest[lane]:
            self._highest[lane] = number

    def begin(self) -> None:
        """Forgets the longest gap; one that is open goes on."""
        self.longest = 0.0

    def sample(self) -> float:
        """The longest gap since `begin`, with those that are still open."""
        now = self._clock()
        self.longest = max(self.longest, *(now - last for last in self._last))
        return self.longest

    def passed(self, number: int) -> bool:
        """Whether every lane has brought a result of at least this number."""
        return min(self._highest) >= number
