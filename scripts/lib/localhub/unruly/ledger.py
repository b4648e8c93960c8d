"""What the receivers write down: one line for every attempt that they saw, when it ended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple


class Entry(NamedTuple):
    number: int  # of the notification
    attempt: int  # how many attempts of it came before
    arrived: float  # when the request was there, in seconds since 1970
    answered: float  # when the answer went out, or the connection ended
    word: str  # of the script
    is_complete: bool  # all of the answer was handed to the connection while it was open
    due: float  # not again before; 0 for no such wish
    sent: float  # when the sender says that it sent it, 0 where it does not
    sender: str  # which process
    place: str  # the path, or the protocol where it has none
    id: str  # the notification's id as the request names it


class Ledger:
    """Written by one process alone."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("w", buffering=1 << 16)
        self._attempts: dict[int, int] = {}

    def attempt(self, number: int) -> int:
        """Counts an attempt that begins; how many came before."""
        count = self._attempts.get(number, 0)
        self._attempts[number] = count + 1
        return count

    def write(self, entry: Entry) -> None:
        self._file.write("\t".join(map(str, entry)) + "\n")

    def flush(self) -> None:
        self._file.flush()

    def close(self) -> None:
        self._file.close()


def read(path: Path) -> Iterator[Entry]:
    """Every entry, in the order in which the attempts ended."""
    with path.open() as lines:
        for line in lines:
            number, attempt, arrived, answered, word, complete, due, sent, sender, place, identity = line[:-1].split("\t")
            yield Entry(
                int(number), int(attempt), float(arrived), float(answered), word, complete == "True", float(due), float(sent),
                sender, place, identity,
            )  # fmt: skip
