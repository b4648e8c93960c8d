"""The receiver that fails: each notification meets one fault, which its id chooses, and then success, or never success."""

from __future__ import annotations

import collections
import threading

from localhub.http_receiver import Answer, HTTPReceiver, Request

# None hangs, longer than the time limit of an attempt in most cases.
FAULTS = (Answer(500), Answer(503), Answer(429, headers={"Retry-After": "1"}), Answer(408), None)
HANG_SECONDS = 5.0
# One in so many is refused for good.
PERMANENT = 7


class FlakyReceiver(HTTPReceiver):
    def __init__(self) -> None:
        self._tries: collections.Counter[str] = collections.Counter()
        self._gate = threading.Event()
        threading.Thread(target=self._open_gates, name="gates", daemon=True).start()
        super().__init__("flaky", self._respond)

    @staticmethod
    def refuses(identifier: str) -> bool:
        """Whether the notification must end as a failure."""
        return int(identifier[:8], 16) % PERMANENT == 0

    def _respond(self, request: Request) -> Answer:
        # All of them together would need more and more memory.
        self.requests.clear()
        identifier = request.header_map["webhook-id"]
        self._tries[identifier] += 1
        if self.refuses(identifier):
            return Answer(400)
        if self._tries[identifier] > 1:
            return Answer(204)
        return FAULTS[int(identifier[9:13], 16) % len(FAULTS)] or Answer(204, hold=self._gate)

    def _open_gates(self) -> None:
        """Lets go of what hangs now and then."""
        pause = threading.Event()
        while not pause.wait(HANG_SECONDS):
            gate, self._gate = self._gate, threading.Event()
            gate.set()
