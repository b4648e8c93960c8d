"""What a fault may touch, and how it waits: the supervisor goes on with its work meanwhile."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass

from .broker import START_LIMIT, BrokerControl
from .fleet import Fleet, Member
from .progress import Progress

TICK = 0.03


@dataclass
class World:
    random: random.Random
    broker: BrokerControl
    fleet: Fleet
    progress: Progress
    session_timeout: float
    new_guest: Callable[[], Member]  # an instance more, for a while

    def pause(self, seconds: float) -> None:
        self.wait(lambda: False, seconds)

    def wait(self, condition: Callable[[], bool], limit: float, clock: Callable[[], float] = time.monotonic) -> bool:
        """Whether the condition became true in time."""
        end = clock() + limit
        while True:
            self.fleet.tend()
            if condition():
                return True
            if clock() > end:
                return False
            time.sleep(TICK)

    def any_member(self) -> Member:
        return self.random.choice([member for member in self.fleet.members if member.running] or self.fleet.members)

    def await_broker(self) -> None:
        if not self.wait(self.broker.answers, START_LIMIT):
            raise RuntimeError(f"the broker does not answer within {START_LIMIT:g} s of its start")
