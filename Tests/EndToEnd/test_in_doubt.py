"""Text messages whose answers nobody can wait for: dead letters in doubt, and never sent a second time."""

from __future__ import annotations

import collections
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import ConsumerGroupState

from localhub.http_receiver import Answer, Request
from localhub.providers import TwilioReceiver, twilio_form
from localhub.waiting import wait_until
from support import notifications
from support.channels import CHANNELS
from support.rig import Rig

pytestmark = pytest.mark.real_broker("it gives partitions away before their member has let go of them")


@pytest.fixture
def twilio() -> Iterator[TwilioReceiver]:
    receiver = CHANNELS["sms"].receive()
    yield receiver
    receiver.close()


@pytest.fixture
def rig(make_rig, twilio: TwilioReceiver) -> Rig:
    rig = make_rig("sms", CHANNELS["sms"].environment(twilio))
    # Whoever has to give up partitions hears of it at once.
    rig.config.edit("sms.yaml", lambda document: document["kafka"].update({"heartbeat.interval.ms": 100}))
    return rig


def phone(notification: dict[str, Any]) -> str:
    return notification["recipient"]["phone"]


def group(rig: Rig) -> Any:
    return rig.broker.admin.describe_consumer_groups([rig.group], request_timeout=10)[rig.group].result()


def share(rig: Rig) -> bool:
    """Whether there are two in the group, with one partition each."""
    now = group(rig)
    partitions = [len(member.assignment.topic_partitions) for member in now.members]
    return now.state == ConsumerGroupState.STABLE and partitions == [1, 1]


def expect_ends(rig: Rig, twilio: TwilioReceiver, sent: list[dict[str, Any]], in_doubt: set[str]) -> None:
    """Each was sent once and has one end, which is a dead letter for these and the provider's answer for the others."""
    assert collections.Counter(twilio_form(request)["To"] for request in twilio.requests.all()) == {phone(n): 1 for n in sent}
    letters = rig.broker.read_all([rig.dlq_topic])
    assert sorted(letter.json["id"] for letter in letters) == sorted(in_doubt)
    assert {letter.header("x-dlq-error-class") for letter in letters} == {"in_doubt"}
    expected = {n["id"]: ["ambiguous" if n["id"] in in_doubt else "sent"] for n in sent}
    statuses = collections.defaultdict(list)
    for status in (record.json for record in rig.broker.read_all(["notifications.status"])):
        if status.get("id") in expected:
            statuses[status["id"]].append(status["status"])
    assert statuses == expected
    assert rig.is_idle()


def test_what_a_rebalance_cannot_wait_for(rig: Rig, twilio: TwilioReceiver) -> None:
    never, late, waiting = ([notifications.sms() for _ in range(count)] for count in (10, 6, 30))
    gates = {phone(notification): threading.Event() for notification in never + late}

    def answer(request: Request) -> Answer:
        return replace(twilio.respond(request), hold=gates.get(twilio_form(request)["To"]))

    twilio.answer = answer
    first = rig.start(WORKER_POOL_SIZE="16")
    rig.publish(*never, *late)
    twilio.requests.wait(16)
    rig.publish(*waiting)
    wait_until(lambda: first.metric("notificationhub_waiting") == 30, "the others read")
    second = rig.start(ready=False)
    wait_until(lambda: group(rig).state == ConsumerGroupState.PREPARING_REBALANCING, "the rebalance")
    for notification in late:
        gates[phone(notification)].set()
        assert rig.final_status(notification)["status"] == "sent"
    assert rig.dead_letters() == []
    rig.wait_dead_letters(lambda letter: True, len(never))
    # Nobody waits for these answers any more.
    for notification in never:
        gates[phone(notification)].set()
    for notification in waiting:
        assert rig.final_status(notification)["status"] == "sent"
    wait_until(lambda: share(rig), "a partition each")
    last = [notifications.sms() for _ in range(20)]
    rig.publish(*last)
    for notification in last:
        assert rig.final_status(notification)["status"] == "sent"
    assert (first.stop(), second.stop()) == (0, 0)
    expect_ends(rig, twilio, never + late + waiting + last, {notification["id"] for notification in never})


@pytest.mark.parametrize("is_early", [True, False], ids=["shared before", "joined meanwhile"])
def test_what_a_stop_cannot_wait_for(rig: Rig, twilio: TwilioReceiver, is_early: bool) -> None:
    """Another member takes over: one that has a partition already, or one that joins while the first one drains, which
    takes the first one no longer."""
    gate = threading.Event()
    twilio.answer = lambda request: replace(twilio.respond(request), hold=gate)
    first = rig.start(WORKER_POOL_SIZE="4", DRAIN_TIMEOUT="2s")
    if is_early:
        second = rig.start(WORKER_POOL_SIZE="4")
        wait_until(lambda: share(rig), "a partition each")
    # Of these users both partitions have several.
    sent = [notifications.sms(user_id=f"user-{number}") for number in range(40)]
    rig.publish(*sent)
    twilio.requests.wait(8 if is_early else 4)
    start = time.monotonic()
    first.terminate()
    if not is_early:
        second = rig.start(ready=False, WORKER_POOL_SIZE="4")
    assert first.wait() == 0
    seconds = time.monotonic() - start
    gate.set()
    assert seconds < 2 + 2.5
    letters = rig.wait_dead_letters(lambda letter: True, 4)
    for notification in sent:
        rig.final_status(notification)
    assert second.stop() == 0
    expect_ends(rig, twilio, sent, {letter.json["id"] for letter in letters[:4]})
