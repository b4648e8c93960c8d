"""Publishes the notifications, and remembers when those expire that do."""

from __future__ import annotations

import time

from harness.load import Publication, SteadyLoad

from .channels import Topics
from .notifications import Notifications


class Load(SteadyLoad):
    def __init__(self, address: str, notifications: Notifications, topics: Topics, rate: int, tick: float) -> None:
        super().__init__(address, rate, tick)
        self._notifications, self._topics = notifications, topics
        self.expiries: dict[int, float] = {}  # in seconds since 1970

    def publication(self, number: int) -> Publication:
        notification, now = self._notifications.get(number), time.time()
        if notification.expires_in is not None:
            self.expiries[number] = now + notification.expires_in
        return Publication(self._topics.main(notification.channel), *self._notifications.record(notification, now))
