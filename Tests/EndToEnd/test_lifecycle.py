"""Stopping, killing and starting again: nothing lost, and nothing twice where that is promised."""

from __future__ import annotations

import collections
import signal
import threading

import pytest

from localhub.http_receiver import Answer, HTTPReceiver
from localhub.waiting import wait_until
from support import notifications
from support.core import Core, once
from support.kafka_proxy import Api, KafkaProxy, Moment, Point
from support.names import WEBHOOK_SECRET, unique
from support.rig import Rig


# Without an instance id a killed member stays in its group until its session ends.
DYNAMIC = pytest.param(
    "", id="dynamic member", marks=pytest.mark.real_broker("it does not end the sessions of members that died")
)


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    return make_rig("webhook", {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})


def counts(receiver: HTTPReceiver) -> collections.Counter[str]:
    return collections.Counter(request.header_map["webhook-id"] for request in receiver.requests.all())


def test_sigterm_in_full_flow_delivers_nothing_twice(rig: Rig, receiver: HTTPReceiver) -> None:
    sent = [notifications.webhook() for _ in range(400)]
    rig.publish(*sent)
    service = rig.start()
    receiver.requests.wait(100)
    assert service.stop() == 0
    before = len(receiver.requests.all())
    rig.start()
    for notification in sent:
        rig.final_status(notification)
    assert counts(receiver) == {notification["id"]: 1 for notification in sent}
    assert 100 <= before <= 400


def test_a_clean_stop_leaves_the_rest_for_the_next_start(rig: Rig, receiver: HTTPReceiver) -> None:
    gate = threading.Event()
    receiver.answer = lambda request: Answer(204, hold=gate)
    sent = [notifications.webhook() for _ in range(30)]
    rig.publish(*sent)
    service = rig.start(WORKER_POOL_SIZE="4")
    receiver.requests.wait(4)
    service.terminate()
    gate.set()
    assert service.wait() == 0
    rig.start()
    for notification in sent:
        assert rig.final_status(notification)["status"] == "delivered"
    assert set(counts(receiver).values()) == {1}


@pytest.mark.parametrize("instance", [DYNAMIC, pytest.param("webhook-0", id="static member")])
def test_a_killed_consumer_loses_nothing(rig: Rig, receiver: HTTPReceiver, instance: str) -> None:
    sent = [notifications.webhook() for _ in range(300)]
    rig.publish(*sent)
    service = rig.start(INSTANCE_ID=instance)
    receiver.requests.wait(80)
    service.kill()
    rig.start(INSTANCE_ID=instance)
    for notification in sent:
        rig.final_status(notification, timeout=60)
    assert set(counts(receiver)) == {notification["id"] for notification in sent}


def test_a_second_sigterm_leaves_at_once(rig: Rig, receiver: HTTPReceiver) -> None:
    """What hangs would keep it for the drain's whole time; it is delivered after the restart."""
    gate = threading.Event()
    receiver.answer = lambda request: Answer(204, hold=gate)
    notification = notifications.webhook()
    rig.publish(notification)
    service = rig.start(DRAIN_TIMEOUT="60s", INSTANCE_ID="webhook-0")
    receiver.requests.wait(1)
    service.terminate()

    def left() -> bool:
        """Again and again: two that come at the same time count once."""
        service.process.terminate()
        return not service.running

    wait_until(left, "the end", 10)
    assert service.wait() == 128 + signal.SIGTERM
    gate.set()
    rig.start(INSTANCE_ID="webhook-0")
    assert rig.final_status(notification)["status"] == "delivered"
    assert counts(receiver) == {notification["id"]: 2}


@pytest.mark.real_broker("it is not reached through a proxy")
def test_sigterm_with_the_broker_away_ends_in_time(rig: Rig, receiver: HTTPReceiver, proxy: KafkaProxy) -> None:
    """The drain's time and the little that a supervisor grants beyond it; what was committed does not come again."""
    gate = threading.Event()
    sent = [notifications.webhook() for _ in range(20)]
    last = notifications.webhook()
    service = rig.start(KAFKA_BROKERS=proxy.address, DRAIN_TIMEOUT="3s", INSTANCE_ID="webhook-0")
    rig.publish(*sent)
    for notification in sent:
        rig.final_status(notification)
    wait_until(lambda: rig.broker.lag(rig.group, rig.topic) == 0, "the commit")
    receiver.answer = lambda request: Answer(204, hold=gate)
    rig.publish(last)
    receiver.requests.wait(21)
    proxy.cut()
    gate.set()
    code, seconds = service.timed_stop()
    assert (code, seconds < 3 + 10) == (0, True)
    rig.start(INSTANCE_ID="webhook-0")
    assert rig.final_status(last)["status"] == "delivered"
    assert counts(receiver) == {notification["id"]: 1 for notification in sent} | {last["id"]: 2}


@pytest.mark.real_broker("it is not reached through a proxy")
def test_sigterm_with_a_commit_that_nobody_answers_ends_in_time(rig: Rig, receiver: HTTPReceiver, proxy: KafkaProxy) -> None:
    """librdkafka keeps such a commit for as long as a session, which is longer than anybody waits for a stop."""
    sent = [notifications.webhook() for _ in range(20)]
    service = rig.start(KAFKA_BROKERS=proxy.address, DRAIN_TIMEOUT="1s", INSTANCE_ID="webhook-0")
    gone = proxy.cut_at(Point(Api.OFFSET_COMMIT, Moment.BEFORE))
    rig.publish(*sent)
    assert gone.wait(30), "no commit"
    code, seconds = service.timed_stop()
    assert (code, seconds < 1 + 10) == (0, True)
    rig.start(INSTANCE_ID="webhook-0")
    for notification in sent:
        assert rig.final_status(notification)["status"] == "delivered"


@pytest.mark.real_broker("it goes on with a topic that was deleted")
def test_sigterm_with_a_deleted_topic_ends_in_time(rig: Rig, receiver: HTTPReceiver) -> None:
    service = rig.start(DRAIN_TIMEOUT="1s")
    rig.publish(notifications.webhook())
    receiver.requests.wait(1)
    topic = rig.retry_topics[0]
    rig.broker.admin.delete_topics([topic])[topic].result()
    service.wait_log("UNKNOWN_TOPIC", 60)
    code, seconds = service.timed_stop()
    assert (code, seconds < 1 + 10) == (0, True)


def test_two_instances_share_the_work_and_one_takes_over(rig: Rig, receiver: HTTPReceiver) -> None:
    first = rig.start()
    rig.start()
    sent = [notifications.webhook() for _ in range(200)]
    rig.publish(*sent[:100])
    receiver.requests.wait(20)
    assert first.stop() == 0
    rig.publish(*sent[100:])
    for notification in sent:
        rig.final_status(notification, timeout=60)
    assert set(counts(receiver)) == {notification["id"] for notification in sent}


def test_a_clean_stop_commits_everything(rig: Rig, receiver: HTTPReceiver) -> None:
    sent = [notifications.webhook() for _ in range(20)]
    rig.publish(*sent)
    service = rig.start()
    for notification in sent:
        rig.final_status(notification)
    assert service.stop() == 0
    assert rig.broker.lag(rig.group, rig.topic) == 0


@pytest.mark.real_broker("after kill -9 of a transactional client its successor's records do not come through")
@pytest.mark.parametrize("instance", ["", "core-0"], ids=["dynamic member", "static member"])
def test_a_killed_core_adds_and_loses_nothing(core: Core, instance: str) -> None:
    """kill -9 in the middle, three times; a read_committed reader sees each notification exactly once."""
    run, count = unique("run"), 3000
    service = core.start(INSTANCE_ID=instance)
    for part in range(3):
        core.publish(run, range(part * 1000, (part + 1) * 1000))
        core.wait(run, part * 1000 + 11, "the first notifications of the part")
        service.kill()
        service = core.start(INSTANCE_ID=instance)
    core.wait(run, count, timeout=90)
    assert service.stop() == 0
    assert core.times(run) == once(run, count)


def test_sigterm_of_the_core_adds_and_loses_nothing(core: Core) -> None:
    run, count = unique("run"), 2000
    service = core.start()
    core.publish(run, range(count))
    core.wait(run, 11, "the first notifications")
    assert service.stop() == 0
    service = core.start()
    core.wait(run, count)
    assert service.stop() == 0
    assert core.times(run) == once(run, count)
