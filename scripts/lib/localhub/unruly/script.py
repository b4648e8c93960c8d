"""The words of a script, and what each of them asks a receiver to do."""

from __future__ import annotations

import re
from typing import NamedTuple

MARK = re.compile(r"n(\d+)_([0-9a-z.]+)")
WORD = re.compile(r"(\d{3})(?:(b)|([sd])(\d+))?|[a-z]+")


class Step(NamedTuple):
    """One answer.

    `ok`, or a status, perhaps with a Retry-After (`429s2`: in two seconds, `503d3`: the date in three); over HTTP also
    `reset` (the connection, once the request is there), `hang` (no answer at all), `loris` (an answer a byte at a time
    that never ends), `half` (less body than announced), `long` (more body than announced). Over SMTP a status stands for
    the answer to the recipient, with `b` for the answer to the message; `drop` closes the connection once the message is
    there, `hang` does not answer it.
    """

    word: str
    status: int = 0  # 0: no status of its own
    wait: int = 0  # seconds to Retry-After, 0 for none
    is_date: bool = False
    is_after_body: bool = False


def steps(script: str) -> list[Step]:
    """ValueError for a word that does not exist."""
    return [_step(word) for word in script.split(".")]


def step_of(script: str, attempt: int) -> Step:
    """What to do at an attempt, counted from 0."""
    words = script.split(".")
    return _step(words[min(attempt, len(words) - 1)])


def mark(number: int, script: str) -> str:
    """What a request must hold somewhere: in its body, or as the local part of a mail's recipient."""
    return f"n{number}_{script}"


def _step(word: str) -> Step:
    match = WORD.fullmatch(word)
    if match is None:
        raise ValueError(f"no such word in a receiver's script: {word}")
    status, after_body, form, wait = match.groups()
    if status is None:
        return Step(word)
    return Step(word, int(status), int(wait or 0), form == "d", after_body is not None)
