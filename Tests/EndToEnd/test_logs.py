"""Runs last: no log of the whole session tells a secret or a recipient."""

from __future__ import annotations

import json

import pytest

from support.launcher import Launcher
from support.names import PLANTED


def logs():
    if not Launcher.logs:
        pytest.fail("no service was started, so there is nothing to search")
    return [(file, file.read_text(errors="replace")) for file in Launcher.logs if file.exists()]


@pytest.mark.parametrize("what", PLANTED, ids=str)
def test_no_log_tells(what: str) -> None:
    found = [
        f"{file.name}: {line[:300]}" for file, text in logs() for line in text.splitlines() if PLANTED[what] in line
    ]
    assert found == [], f"{what} in {len(found)} lines of {len(Launcher.logs)} logs:\n" + "\n".join(found[:10])


def test_every_line_is_a_json_object_with_its_fixed_fields() -> None:
    for file, text in logs():
        for line in text.splitlines():
            entry = json.loads(line)
            assert {"ts", "level", "service", "event", "message"} <= entry.keys(), f"{file.name}: {line[:300]}"
