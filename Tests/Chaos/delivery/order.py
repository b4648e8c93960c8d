"""Whether the notifications of a lane were attempted in their order."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from localhub.unruly.ledger import Entry


@dataclass(frozen=True)
class Pass:
    """The attempts of one notification that have their place in the lane: those before it moved to a retry topic."""

    number: int
    attempts: list[Entry]

    @property
    def begin(self) -> float:
        return self.attempts[0].arrived

    @property
    def end(self) -> float:
        return self.attempts[-1].arrived


def overtaken(passes: list[Pass], is_excused: Callable[[Pass, float], bool]) -> list[tuple[int, int]]:
    """Pairs of an earlier notification and a later one that was attempted before the earlier one was over.

    The passes of one lane, in the order of its records. An earlier one is excused that a fault made begin anew: asked
    with when the later one began.
    """
    found = []
    longest: Pass | None = None
    for current in passes:
        if longest is not None and current.begin < longest.end and not is_excused(longest, current.begin):
            found.append((longest.number, current.number))
        if longest is None or current.end > longest.end:
            longest = current
    return found
