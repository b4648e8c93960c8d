"""Tables that read well on a terminal and can be pasted into a Markdown file."""

from __future__ import annotations


def table(heads: list[str], rows: list[list[str]]) -> list[str]:
    """The first column to the left, the others to the right."""
    widths = [max(len(row[column]) for row in [heads, *rows]) for column in range(len(heads))]
    rule = ["-" * widths[0], *("-" * (width - 1) + ":" for width in widths[1:])]
    return [_line(heads, widths), _line(rule, widths), *(_line(row, widths) for row in rows)]


def _line(cells: list[str], widths: list[int]) -> str:
    first, *others = zip(cells, widths)
    parts = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
    return "| " + " | ".join(parts) + " |"


def number(value: float | None, digits: int = 0) -> str:
    return "–" if value is None else f"{value:,.{digits}f}"
