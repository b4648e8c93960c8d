"""An output topic is deleted under load and made again.

What was committed to the topic before goes with it: that is what deleting means. Promised is the rest: no event that
comes after is lost or doubled in any topic, nothing of it commits before all of it can, and the work goes on by itself.
"""

from __future__ import annotations

from collections.abc import Iterator

from harness.faults import Fault
from harness.world import World
from localhub.kafka import Broker

from .oracle import SMS
from .run import Run
from .topics import make

ROUNDS = 2


class MissingTopic(Run):
    _gone = 0  # the number of the first event after the last deletion

    def plan(self) -> Iterator[Fault]:
        return iter([Fault("missing-topic", 1, self._delete_and_make)] * ROUNDS)

    def lost(self) -> int:
        return self.checker.lost(self.load.sent, excused=1 << SMS, before=self._gone)

    def _delete_and_make(self, world: World) -> None:
        world.pause(2)
        topic = self.topics.channels["sms"]
        broker = Broker(world.broker.address)
        self.checker.forget(topic)
        for answer in broker.admin.delete_topics([topic], operation_timeout=30).values():
            answer.result()
        self._gone = self.load.sent
        with world.broker.away():  # nothing can be committed: that is no gap
            world.pause(world.random.uniform(4, 12))
            broker.create_topics([make(topic)])
        self.checker.follow(topic)
