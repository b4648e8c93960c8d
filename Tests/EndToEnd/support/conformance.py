"""Asks the executable `Conformance` what the hot path makes of JSON texts and of records."""

from __future__ import annotations

import json
import struct
import subprocess
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest

from localhub.processes import BINARIES

PROGRAM = BINARIES / "Conformance"


def ask(arguments: list[str], questions: Iterable[bytes]) -> list[bytes]:
    """One answer for each question, in order."""
    if not PROGRAM.exists():
        pytest.skip(f"{PROGRAM} is not built")
    frames = b"".join(struct.pack(">I", len(question)) + question for question in questions)
    done = subprocess.run([PROGRAM, *arguments], input=frames, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr.decode(errors="replace")
    return list(split(done.stdout))


def split(frames: bytes) -> Iterator[bytes]:
    position = 0
    while position < len(frames):
        (length,) = struct.unpack_from(">I", frames, position)
        yield frames[position + 4 : position + 4 + length]
        position += 4 + length


def scan(texts: list[bytes]) -> list[bytes | None]:
    """Each text's value, written again; None where it is refused."""
    answers = ask(["json"], texts)
    assert len(answers) == len(texts)
    return [answer[1:] if answer.startswith(b"+") else None for answer in answers]


def map_records(directory: Path, records: list[dict]) -> list:
    """What the routes in `directory` make of each record: its notifications, or `{"rejected": code}`."""
    answers = ask(["map", str(directory)], [json.dumps(record, ensure_ascii=False).encode() for record in records])
    assert len(answers) == len(records)
    return [json.loads(answer) for answer in answers]
