"""The faults that any set of Kafka clients can suffer, and the order in which they come."""

from __future__ import annotations

import itertools
import random
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from .world import World


# Until a process has set up its signals a SIGHUP ends it, as it ends any.
START_UP = 1.0


@dataclass(frozen=True)
class Fault:
    """`inflict` returns when the cause is gone; the effects are what is measured."""

    name: str
    weight: int
    inflict: Callable[[World], None]
    is_long: bool = False  # stops something for more than 20 s: at most one cycle in ten


def kill(world: World) -> None:
    """SIGKILL of an instance; it comes back."""
    member = world.any_member()
    member.held = True
    member.signal(signal.SIGKILL)
    world.pause(world.random.uniform(0, 2))
    member.start()


def kill_two(world: World) -> None:
    """SIGKILL of all instances but one, a moment apart."""
    for _ in world.fleet.members[1:]:
        world.any_member().signal(signal.SIGKILL)
        world.pause(world.random.uniform(0, 0.5))


def terminate(world: World) -> None:
    """SIGTERM: it drains, leaves and comes back."""
    member = world.any_member()
    member.held = True
    member.signal(signal.SIGTERM)
    world.wait(lambda: not member.running, 40)
    world.fleet.tend()
    member.start()


def zombie(world: World) -> None:
    """SIGSTOP for longer than the session, then SIGCONT: it wakes up with a transaction that is no longer its own."""
    member = world.any_member()
    member.signal(signal.SIGSTOP)
    world.pause(world.session_timeout + world.random.uniform(0.5, 3))
    member.signal(signal.SIGCONT)


def nap(world: World) -> None:
    """SIGSTOP for less than the session."""
    member = world.any_member()
    member.signal(signal.SIGSTOP)
    world.pause(world.random.uniform(0.5, world.session_timeout - 2))
    member.signal(signal.SIGCONT)


def reload(world: World) -> None:
    """SIGHUP of all instances, again and again: the configuration is read while work goes on."""
    for _ in range(world.random.randint(2, 6)):
        for member in world.fleet.members:
            if member.age > START_UP:
                member.signal(signal.SIGHUP)
        world.pause(world.random.uniform(0, 0.5))


def storm(world: World) -> None:
    """Instances join and leave faster than the group settles."""
    for _ in range(world.random.randint(2, 4)):
        guest = world.new_guest()
        world.fleet.guests.append(guest)
        guest.start()
        world.pause(world.random.uniform(0.8, 2.5))
        guest.signal(world.random.choice((signal.SIGTERM, signal.SIGTERM, signal.SIGKILL)))
    world.wait(lambda: not world.fleet.guests, 40)


def broker_kill(world: World) -> None:
    """SIGKILL of the broker; it comes back."""
    world.broker.kill()
    world.pause(world.random.uniform(0, 2))
    world.broker.start()
    world.await_broker()


def broker_kill_with_member(world: World) -> None:
    """SIGKILL of the broker and of an instance while it is away."""
    world.broker.kill()
    world.any_member().signal(signal.SIGKILL)
    world.pause(world.random.uniform(0, 1))
    world.broker.start()
    world.await_broker()


def broker_freeze(world: World) -> None:
    """SIGSTOP of the broker: it is there and does not answer."""
    world.broker.freeze()
    world.pause(world.random.uniform(1, 8))
    world.broker.thaw()
    world.await_broker()


def broker_outage(world: World) -> None:
    """The broker is stopped for a minute."""
    world.broker.kill()
    world.pause(60)
    world.broker.start()
    world.await_broker()


COMMON = [
    Fault("kill", 20, kill),
    Fault("kill-two", 6, kill_two),
    Fault("term", 12, terminate),
    Fault("zombie", 10, zombie),
    Fault("nap", 5, nap),
    Fault("reload", 5, reload),
    Fault("storm", 8, storm),
    Fault("broker-kill", 4, broker_kill),
    Fault("broker-kill-both", 2, broker_kill_with_member),
    Fault("broker-freeze", 3, broker_freeze),
    Fault("broker-outage", 1, broker_outage, is_long=True),
]


def endless_plan(faults: list[Fault], source: random.Random) -> Iterator[Fault]:
    """Faults by weight in random order; a long one at most once in ten."""
    since_long = 0
    while True:
        allowed = [fault for fault in faults if not fault.is_long or since_long >= 9]
        fault = source.choices(allowed, [fault.weight for fault in allowed])[0]
        since_long = 0 if fault.is_long else since_long + 1
        yield fault


def planned(faults: list[Fault], names: tuple[str, ...], source: random.Random) -> Iterator[Fault]:
    """The faults with these names, again and again; without names all by weight."""
    if not names:
        return endless_plan(faults, source)
    known = {fault.name: fault for fault in faults}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RuntimeError(f"there is no fault {unknown[0]}, only {', '.join(known)}")
    return itertools.cycle([known[name] for name in names])
