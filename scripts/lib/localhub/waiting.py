"""Waiting on conditions with a deadline; nothing here or in the tests sleeps for a guessed time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

Item = TypeVar("Item")
Value = TypeVar("Value")

POLL_INTERVAL = 0.02


class Timeout(AssertionError):
    """A condition did not become true in time."""


def wait_until(condition: Callable[[], Value], what: str, timeout: float = 20) -> Value:
    """Asks `condition` until it gives something true, and returns that."""
    deadline = time.monotonic() + timeout
    while not (value := condition()):
        if time.monotonic() > deadline:
            raise Timeout(f"not within {timeout:g} s: {what}")
        time.sleep(POLL_INTERVAL)
    return value


class Inbox(Generic[Item]):
    """What arrived, in order; any thread may put, any thread may wait."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._items: list[Item] = []
        self._changed = threading.Condition()

    def put(self, item: Item) -> None:
        with self._changed:
            self._items.append(item)
            self._changed.notify_all()

    def clear(self) -> None:
        """Forgets what has arrived."""
        with self._changed:
            self._items.clear()

    def all(self, matching: Callable[[Item], bool] = lambda item: True) -> list[Item]:
        with self._changed:
            return [item for item in self._items if matching(item)]

    def wait(
        self, count: int = 1, matching: Callable[[Item], bool] = lambda item: True, timeout: float = 20, what: str = ""
    ) -> list[Item]:
        """At least `count` matching items, as soon as they are there."""
        with self._changed:
            enough = self._changed.wait_for(lambda: sum(map(matching, self._items)) >= count, timeout)
            found = [item for item in self._items if matching(item)]
            if enough:
                return found
            seen = "\n".join(f"  {item}"[:300] for item in self._items[-8:])
            raise Timeout(
                f"{self.name}: {len(found)} of {count} {what} within {timeout:g} s; all arrivals: {len(self._items)}\n{seen}"
            )

    def one(self, matching: Callable[[Item], bool] = lambda item: True, timeout: float = 20, what: str = "") -> Item:
        return self.wait(1, matching, timeout, what)[0]
