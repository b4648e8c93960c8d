"""Faults that aim at deliveries: the network to endpoints and to the broker, topics that cannot be written, or are gone."""

from __future__ import annotations

import dataclasses
import signal
import time
from collections.abc import Callable

from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    ResourcePatternType,
    ResourceType,
)

from harness.faults import COMMON, Fault
from harness.world import World
from localhub.kafka import Broker
from localhub.toxiproxy import Toxiproxy

from .causes import Window
from .channels import Topics, make
from .outputs import Outputs

# Short faults and kills above all: there is much to see in little time.
WEIGHTS = {
    "kill": 40, "kill-two": 12, "term": 10, "zombie": 5, "nap": 3, "reload": 5, "storm": 8, "broker-kill": 3,
    "broker-kill-both": 2, "broker-freeze": 2, "broker-outage": 1,
}  # fmt: skip
READ_LIMIT = 60.0
BROKER = "broker"  # the proxy before it
NETWORK = ("network", "broker-network")  # the faults that need a proxy


class DeliveryFaults:
    def __init__(
        self, topics: Topics, outputs: Outputs, proxy: Toxiproxy | None, endpoints: list[str], members: list[str],
        unread: Callable[[str], list[str]],
    ) -> None:  # fmt: skip
        """`endpoints` are those behind the proxy, `members` those that have it between themselves and the broker;
        `unread` tells what is still needed of a topic."""
        self._topics, self._outputs, self._proxy, self._endpoints = topics, outputs, proxy, endpoints
        self._unread = unread
        self.network: dict[str, list[Window]] = {name: [] for name in endpoints}
        self.cut_off: dict[str, list[Window]] = {name: [] for name in members}

    def all(self) -> list[Fault]:
        common = [dataclasses.replace(fault, weight=WEIGHTS[fault.name]) for fault in COMMON]
        own = [
            Fault("kill-in-a-row", 8, self.kill_in_a_row),
            Fault("topic-unwritable", 3, self.unwritable),
            Fault("unwritable-kill", 3, self.unwritable_with_kill),
            Fault("topic-missing", 2, self.missing),
        ]
        if self._proxy:
            own.append(Fault(NETWORK[0], 6, self.disturb))
        if self.cut_off:
            own.append(Fault(NETWORK[1], 5, self.disturb_broker))
        return common + own

    def kill_in_a_row(self, world: World) -> None:
        """SIGKILL of the same instance whenever it has just begun to work again."""
        member = world.any_member()
        for _ in range(3):
            member.signal(signal.SIGKILL)
            world.wait(lambda: member.running, 5)
            world.pause(world.random.uniform(0.5, 2.5))

    def disturb(self, world: World) -> None:
        """The network to one endpoint, or to all that the proxy stands before."""
        assert self._proxy is not None
        names = world.random.choice([self._endpoints, self._endpoints[:1], self._endpoints[1:]])
        begin = time.time()
        for name in names:
            self._poison(world, self._proxy, name)
        world.pause(world.random.uniform(1, 4))
        self._proxy.reset()
        for name in names:
            self.network[name].append(Window(begin, time.time() + 1))

    def disturb_broker(self, world: World) -> None:
        """The network between the broker and those members that are behind the proxy, for longer than a session too."""
        assert self._proxy is not None
        begin = time.time()
        self._poison(world, self._proxy, BROKER)
        world.pause(world.random.uniform(1, 10))
        self._proxy.reset()
        window = Window(begin, time.time())
        for windows in self.cut_off.values():
            windows.append(window)

    def _poison(self, world: World, proxy: Toxiproxy, name: str) -> None:
        kind = world.random.choice(("latency", "reset_peer", "timeout", "limit_data", "cut"))
        if kind == "latency":
            proxy.poison(name, kind, latency=world.random.randint(50, 1500), jitter=50)
        elif kind == "limit_data":
            proxy.poison(name, kind, bytes=world.random.randint(1, 2000))
        elif kind == "cut":
            proxy.cut(name)
        else:
            proxy.poison(name, kind, upstream=world.random.random() < 0.5, timeout=world.random.randint(0, 300))

    def unwritable(self, world: World) -> None:
        """A retry or dead letter topic may not be written."""
        channel = world.random.choice(self._topics.channels)
        topic = world.random.choice([*self._topics.retries(channel), self._topics.dead_letters(channel)])
        with world.broker.away():
            self._forbid_writing(world, [topic])
            world.pause(world.random.uniform(1, 5))
            self._allow_writing(world, [topic])

    def unwritable_with_kill(self, world: World) -> None:
        """SIGKILL of an instance while the topics to which it moves records refuse them."""
        channel = self._topics.channels[0]
        topics = [*self._topics.retries(channel), self._topics.dead_letters(channel)]
        members = [member for member in world.fleet.members if member.name.startswith(channel.name)]
        with world.broker.away():
            self._forbid_writing(world, topics)
            world.pause(world.random.uniform(1, 3))
            world.random.choice(members).signal(signal.SIGKILL)
            world.pause(world.random.uniform(0, 1))
            self._allow_writing(world, topics)

    def missing(self, world: World) -> None:
        """A retry or dead letter topic is deleted and made again. Nothing is in it that is still needed."""
        # Records of the shortest and the longest tier may go to the same tier again: they never run empty.
        channel = world.random.choice(self._topics.channels)
        topic = world.random.choice([self._topics.retries(channel)[1], self._topics.dead_letters(channel)])
        broker = Broker(world.broker.address)
        with world.broker.away():
            self._forbid_writing(world, [topic])
            self._outputs.look_for_ends()
            if not world.wait(lambda: not self._unread(topic), READ_LIMIT):
                places = ", ".join(self._unread(topic))
                raise RuntimeError(f"still needed after {READ_LIMIT:g} s: {places}")
            self._outputs.forget(topic)
            for answer in broker.admin.delete_topics([topic], operation_timeout=30).values():
                answer.result()
            world.pause(world.random.uniform(1, 4))
            broker.create_topics([make(topic, self._topics.outputs()[topic])])
            self._allow_writing(world, [topic])
        self._outputs.follow(topic)

    def _forbid_writing(self, world: World, topics: list[str]) -> None:
        """Nobody may write to them; everything else stays allowed. (More replicas than there are cannot be demanded of a
        topic: the broker takes the smaller number.)"""
        rules = (AclOperation.ALL, AclPermissionType.ALLOW), (AclOperation.WRITE, AclPermissionType.DENY)
        bindings = [AclBinding(*_place(topic), "User:*", "*", *rule) for topic in topics for rule in rules]
        broker = Broker(world.broker.address)  # must live until the answer is there
        for answer in broker.admin.create_acls(bindings).values():
            answer.result()

    def _allow_writing(self, world: World, topics: list[str]) -> None:
        anything = (None, None, AclOperation.ANY, AclPermissionType.ANY)
        broker = Broker(world.broker.address)
        for answer in broker.admin.delete_acls([AclBindingFilter(*_place(topic), *anything) for topic in topics]).values():
            answer.result()


def _place(topic: str) -> tuple[ResourceType, str, ResourcePatternType]:
    return ResourceType.TOPIC, topic, ResourcePatternType.LITERAL
