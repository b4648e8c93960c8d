"""Faults that aim at transactions: they end one from outside, or let two processes fight over one identity."""

from __future__ import annotations

import signal

from confluent_kafka import KafkaException, Producer

from harness.faults import Fault
from harness.fleet import Member
from harness.world import World
from localhub.kafka import QUIET

from .group import leave_group
from .topics import Topics


class CoreFaults:
    """Only members with an identity of their own can be named from outside."""

    def __init__(self, topics: Topics) -> None:
        self._group = topics.group
        self._twins = 0

    def all(self) -> list[Fault]:
        return [
            Fault("evict", 14, self.evict),
            Fault("fence", 8, self.fence),
            Fault("twin", 4, self.twin),
        ]

    def evict(self, world: World) -> None:
        """Members are put out of the group in mid-transaction: the transaction aborts, the process goes on."""
        for _ in range(world.random.randint(1, 3)):
            leave_group(world.broker.address, self._group, self._stable(world).name)
            world.pause(world.random.uniform(0.1, 1))

    def fence(self, world: World) -> None:
        """Somebody else takes over the transactional id: the broker aborts the open transaction, the process ends."""
        self._take_over(world, self._stable(world))

    def twin(self, world: World) -> None:
        """A member hangs, a second process gets its identity, then the first wakes up."""
        old = self._stable(world)
        old.signal(signal.SIGSTOP)
        world.pause(world.random.uniform(0.2, world.session_timeout + 2))
        self._twins += 1
        new = old.twin(self._twins)
        world.fleet.replace(old, new)
        new.start()
        world.pause(world.random.uniform(0.5, 3))
        old.signal(signal.SIGCONT)
        if not world.wait(lambda: old not in world.fleet.guests, 15):
            world.fleet.crashes.append(f"{old.name} did not end within 15 s of being replaced: see {old.log}")
            old.signal(signal.SIGKILL)

    def _stable(self, world: World) -> Member:
        return world.random.choice([member for member in world.fleet.members if member.has_identity])

    def _take_over(self, world: World, member: Member) -> None:
        settings = {"bootstrap.servers": world.broker.address, "transactional.id": f"{self._group}.{member.name}"}
        try:
            Producer(settings | QUIET).init_transactions(15)
        except KafkaException:
            pass  # the member was starting and has fenced us: as good
