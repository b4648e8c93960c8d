#!/usr/bin/env python3
"""Keeps docs/LOGS.md true: every log event with its level, who writes it and its sentence, as the sources have them.

usage: log-events.py [--write]     without: exit 0 when the page is true, 1 with the difference
"""

from __future__ import annotations

import difflib
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "LOGS.md"
CALL = re.compile(r'\b(?:log|Log\(\))\s*\.(debug|info|warning|error)\(\s*"(\w+)",\s*("(?:[^"\\]|\\.)*")?')
# Who writes what a folder's sources log.
WRITERS = {"Sources/Services/Core": "core-service", "Sources/Services/DeliveryEngine": "consumers", "Sources/Channels": "consumers"}

INTRODUCTION = """\
# Log events

Every process writes one JSON object a line to standard error; text where that is a terminal, or as `LOG_FORMAT` says. `LOG_LEVEL` is
`debug`, `info`, `warning` or `error`. Each line has `ts` (RFC 3339), `level`, `service`, `event` and `message`; what varies is in
further fields. Event names are stable: alert on them, not on messages. No line holds a payload, a secret or a recipient.

Nothing at `info` or above is written for every record. Ten equal lines in ten seconds are written; the tenth says `"holding_back":true`,
and the next one after that says how many were left out, `"held_back":15`. Where no equal line follows, `repeats_held_back` says it with
the event in `of`. A line is at most 4096 bytes; one that was cut says `"cut":true`.

This page is made by `scripts/log-events.py --write`; the tests compare it with the sources.

| event | level | by | message |
|---|---|---|---|
| `repeats_held_back` | as the line | all | (the line's message) |
"""


class Event(NamedTuple):
    name: str
    level: str
    writer: str
    message: str


def events() -> list[Event]:
    found: set[Event] = set()
    for file in sorted((ROOT / "Sources").rglob("*.swift")):
        place = file.relative_to(ROOT).as_posix()
        writer = next((who for folder, who in WRITERS.items() if place.startswith(folder)), "all")
        for level, name, message in CALL.findall(file.read_text()):
            text = "(says what)" if not message or "\\(" in message else message.strip('"').replace('\\"', '"')
            found.add(Event(name, level, writer, text))
    return sorted(found)


def main() -> int:
    page = INTRODUCTION + "".join(f"| `{e.name}` | {e.level} | {e.writer} | {e.message} |\n" for e in events())
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(page)
        return 0
    if sys.argv[1:]:
        sys.exit(__doc__)
    old = PAGE.read_text() if PAGE.exists() else ""
    sys.stdout.writelines(difflib.unified_diff(old.splitlines(True), page.splitlines(True), "docs/LOGS.md", "the sources"))
    return 0 if old == page else 1


if __name__ == "__main__":
    sys.exit(main())
