"""When processes lost their session without anybody's doing: on a machine with too much to do they come too late.

They say so themselves, in their logs; whether it is true that the group had given them up only the broker knows.
"""

from __future__ import annotations

import json
from datetime import datetime

from harness.fleet import Life

LOST = '"lost":true'


def losses(lives: list[Life]) -> dict[str, list[float]]:
    """By the name of the member, in seconds since 1970."""
    found = {}
    for life in lives:
        name, log = life.member.name, life.member.log
        if name not in found and log.exists():
            with log.open(errors="replace") as lines:
                found[name] = [_time(line) for line in lines if LOST in line]
    return found


def _time(line: str) -> float:
    return datetime.fromisoformat(json.loads(line)["ts"]).timestamp()
