"""What is demanded beside what was measured."""

from __future__ import annotations

from dataclasses import dataclass

from .table import number, table


@dataclass(frozen=True)
class Goal:
    """A line of the table. The smaller the better, unless `is_rate`."""

    what: str
    demanded: float
    aim: float | None
    measured: float
    unit: str = ""
    digits: int = 0
    is_rate: bool = False

    def row(self) -> list[str]:
        sign = "≥" if self.is_rate else "≤"
        demanded, aim, measured = map(self._text, (self.demanded, self.aim, self.measured))
        return [self.what, f"{sign} {demanded}", aim, measured, self._verdict()]

    def _text(self, value: float | None) -> str:
        return number(value, self.digits) + ("" if value is None else self.unit)

    def _verdict(self) -> str:
        if self.aim is not None and self._reaches(self.aim):
            return "aim"
        return "yes" if self._reaches(self.demanded) else "no"

    def _reaches(self, goal: float) -> bool:
        return self.measured >= goal if self.is_rate else self.measured <= goal


def goal_table(goals: list[Goal]) -> list[str]:
    """Nothing where there are none."""
    heads = ["what", "demanded", "aim", "measured", "reached"]
    return table(heads, [goal.row() for goal in goals]) if goals else []
