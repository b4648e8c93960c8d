"""kill -9 of a consumer at the moments that hurt: nothing lost, and no more twice than the contract allows."""

from __future__ import annotations

import collections
import threading

import pytest

from localhub.http_receiver import Answer, HTTPReceiver, Request
from localhub.kafka import Record
from localhub.waiting import wait_until
from support import notifications
from support.kafka_proxy import Api, KafkaProxy, Moment, Point
from support.names import WEBHOOK_SECRET
from support.rig import Rig

pytestmark = pytest.mark.real_broker("it does not end the sessions of members that died")


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    environment = {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET, "INSTANCE_ID": "webhook-0"}
    rig = make_rig("webhook", environment)
    rig.config.edit("endpoints.yaml", lambda document: document["endpoints"]["orders"].pop("rate"))
    return rig


def test_in_the_middle_of_many_deliveries(rig: Rig, receiver: HTTPReceiver) -> None:
    """Twice comes at most what was in flight or completed since the last commit (200 ms or 256 completions)."""
    in_flight, uncommitted = 16, 256
    sent = [notifications.webhook() for _ in range(1_200)]
    rig.publish(*sent)
    service = rig.start(WORKER_POOL_SIZE=str(in_flight))
    receiver.requests.wait(600)
    service.kill()
    rig.start()
    for notification in sent:
        assert rig.final_status(notification, timeout=60)["status"] == "delivered"
    times = collections.Counter(request.header_map["webhook-id"] for request in receiver.requests.all())
    assert set(times) == {notification["id"] for notification in sent}
    twice = times.total() - len(sent)
    print(f"{twice} of {len(sent)} came twice")
    assert max(times.values()) <= 2
    assert twice <= in_flight + uncommitted


def test_while_the_committed_offsets_are_slow_to_come(make_rig, receiver: HTTPReceiver, proxy: KafkaProxy) -> None:
    """What was completed above the committed offset is remembered, however long the next process has to ask for it."""
    in_flight, uncommitted = 64, 256
    environment = {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET, "INSTANCE_ID": "webhook-0"}
    rig = make_rig("webhook", environment, partitions=1)
    rig.config.edit("endpoints.yaml", lambda document: document["endpoints"]["orders"].pop("rate"))
    rig.config.edit("endpoints.yaml", lambda document: document["endpoints"]["orders"].update(timeout="120s"))
    held, gate = notifications.webhook(), threading.Event()
    receiver.answer = lambda request: Answer(204, hold=gate if request.header_map["webhook-id"] == held["id"] else None)
    service = rig.start()
    rig.publish(held)
    receiver.requests.wait(1)
    sent = [notifications.webhook() for _ in range(800)]
    rig.publish(*sent)
    for notification in sent:
        rig.final_status(notification, timeout=60)
    service.kill()

    asked, answered = threading.Event(), threading.Event()

    def hold_back() -> None:
        asked.set()
        answered.wait(60)

    proxy.at(Point(Api.OFFSET_FETCH, Moment.BEFORE), hold_back, times=1_000_000)
    successor = rig.start(ready=False, KAFKA_BROKERS=proxy.address)
    assert asked.wait(30)
    # Twice three seconds are waited for an answer.
    wait_until(lambda: successor.output().count("cannot read committed offsets yet") >= 2, "no answer", 30)
    proxy.pass_all()
    answered.set()
    gate.set()
    rig.final_status(held, timeout=60)
    times = collections.Counter(request.header_map["webhook-id"] for request in receiver.requests.all())
    twice = times.total() - len(sent) - 1
    print(f"{twice} of {len(sent)} came twice")
    assert twice <= in_flight + uncommitted
    assert "offset_reset" not in successor.output()


def test_in_the_wait_that_a_destination_has_asked_for(rig: Rig, receiver: HTTPReceiver) -> None:
    """A static member has its partitions back at once, and nothing knows of the wait any more."""
    receiver.answer = lambda request: Answer(503, headers={"Retry-After": "2"})
    service = rig.start()
    rig.publish(notifications.webhook())
    [first] = receiver.requests.wait(1)
    service.kill()
    receiver.answer = lambda request: Answer(204)
    rig.start()
    second = receiver.requests.wait(2)[1]
    print(f"again after {second.at - first.at:.2f} s")
    assert second.at - first.at >= 2


COMMITS = {
    "with the retry acknowledged, before the commit": Moment.BEFORE,
    "with the commit done and unanswered": Moment.UNANSWERED,
    "right after the commit": Moment.AFTER,
}


@pytest.mark.parametrize("moment", COMMITS.values(), ids=COMMITS.keys())
@pytest.mark.parametrize("status", [500, 404], ids=["retry", "dead letter"])
def test_between_an_acknowledgement_and_the_commit(
    rig: Rig, receiver: HTTPReceiver, proxy: KafkaProxy, moment: Moment, status: int
) -> None:
    """The first commit of a group comes when its first record has gone to another topic."""
    killed = False

    def answer(request: Request) -> Answer:
        return Answer(204) if killed and status == 500 else Answer(status)

    receiver.answer = answer
    service = rig.start(KAFKA_BROKERS=proxy.address)
    proxy.at(Point(Api.OFFSET_COMMIT, moment), service.process.kill)
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    service.process.wait(30)
    killed = True
    before = len(receiver.requests.all())
    written = rig.retries(origin) if status == 500 else [rig.dead_letter(origin)]
    assert len(written) == 1
    rig.start()
    marker = notifications.webhook()
    receiver.answer = lambda request: Answer(204) if request.header_map["webhook-id"] == marker["id"] else answer(request)
    rig.publish(marker, key=origin.key.decode() if origin.key else None)
    assert rig.final_status(marker)["status"] == "delivered"
    wait_until(rig.is_idle, "nothing left to do")
    requests = [request for request in receiver.requests.all() if request.header_map["webhook-id"] == notification["id"]]
    again = len(requests) - before
    if status == 500:
        # Both copies, the one of the main topic and the one of the retry topic, mean one delivery.
        assert rig.final_status(notification)["status"] == "delivered"
        assert again == 1
    else:
        letters = [letter for letter in rig.dead_letters() if same(letter, origin)]
        assert again == len(letters) - 1 == (1 if moment is Moment.BEFORE else 0)
        assert {letter.header("x-dlq-original-offset") for letter in letters} == {str(origin.offset)}


def same(letter: Record, origin: Record) -> bool:
    return (letter.key, letter.value) == (origin.key, origin.value)
