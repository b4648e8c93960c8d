"""Consumers with names of their own (static membership): what a restart costs the others, and two of one name."""

from __future__ import annotations

import collections
import ctypes
import json
import time
from collections.abc import Callable
from functools import partial

import pytest

from localhub.http_receiver import Answer, HTTPReceiver, Request
from localhub.processes import Service, run_once
from localhub.waiting import wait_until
from support import notifications
from support.names import WEBHOOK_SECRET
from support.rig import Rig

COOPERATIVE = "cooperative-sticky"

pytestmark = pytest.mark.real_broker("it knows no static members")


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    environment = {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET}
    rig = make_rig("webhook", environment, partitions=3)
    rig.config.edit("endpoints.yaml", lambda document: document["endpoints"]["orders"].pop("rate"))
    return rig


def counts(receiver: HTTPReceiver) -> collections.Counter[str]:
    return collections.Counter(request.header_map["webhook-id"] for request in receiver.requests.all())


def revocations(service: Service) -> float:
    return service.metric("notificationhub_rebalances_total", kind="revoked")


def assigned(rig: Rig, services: list[Service]) -> bool:
    """Whether together they have every partition of the main topic, with some for each, and of the two retry topics."""

    def partitions(topic: str) -> list[float]:
        return [service.metric("notificationhub_assigned_partitions", topic=topic) for service in services]

    main = partitions(rig.topic)
    return min(main) > 0 and sum(main) == 3 and all(sum(partitions(topic)) == 1 for topic in rig.retry_topics)


def test_a_rolling_restart_of_three_takes_nothing_from_anybody(rig: Rig, receiver: HTTPReceiver) -> None:
    names = [f"webhook-{number}" for number in range(3)]
    services = [rig.start(ready=False, INSTANCE_ID=name) for name in names]
    for service in services:
        service.wait_ready()
    wait_until(lambda: assigned(rig, services), "every partition with somebody", 30)
    before = {service: revocations(service) for service in services}
    sent = []

    def publish() -> None:
        sent.extend(notifications.webhook() for _ in range(60))
        rig.publish(*sent[-60:])

    for index, name in enumerate(names):
        publish()
        leaving = services[index]
        assert revocations(leaving) == before[leaving]
        assert leaving.stop() == 0
        publish()
        services[index] = rig.start(INSTANCE_ID=name)
        before[services[index]] = 0
        publish()
        rig.final_status(sent[-1])
    for notification in sent:
        assert rig.final_status(notification)["status"] == "delivered"
    wait_until(lambda: assigned(rig, services), "every partition with somebody again", 30)
    assert {name: revocations(service) - before[service] for name, service in zip(names, services, strict=True)} == dict.fromkeys(names, 0)
    assert counts(receiver) == {notification["id"]: 1 for notification in sent}


def divide(rig: Rig, assignment: str) -> None:
    rig.config.edit("webhook.yaml", lambda document: document["kafka"].update({"partition.assignment.strategy": assignment}))


def slowly(_: Request) -> Answer:
    """So that something is in flight whenever an instance leaves."""
    time.sleep(0.03)
    return Answer()


@pytest.mark.parametrize("assignment", ["range", COOPERATIVE])
def test_scaling_up_and_down_under_load_repeats_nothing(
    request: pytest.FixtureRequest, rig: Rig, receiver: HTTPReceiver, assignment: str
) -> None:
    divide(rig, assignment)
    start = partial(rig.start, **(request.getfixturevalue("newer_librdkafka") if assignment == COOPERATIVE else {}))
    receiver.answer = slowly
    services = [start()]
    sent = []

    def publish_until(done: Callable[[], bool], what: str) -> None:
        def published() -> bool:
            sent.extend(notifications.webhook() for _ in range(5))
            rig.publish(*sent[-5:])
            return done()

        wait_until(published, what, 40)

    for _ in range(2):
        services += [start(ready=False) for _ in range(2)]
        publish_until(lambda: assigned(rig, services), "partitions with each of the three")
        leaving = services[1:]
        del services[1:]
        for service in leaving:
            service.terminate()
        publish_until(lambda: not any(service.running for service in leaving), "the end of two")
        assert [service.wait() for service in leaving] == [0, 0]
        publish_until(lambda: assigned(rig, services), "every partition with the one that stays")
    ids = {notification["id"] for notification in sent}
    wait_until(lambda: {status["id"] for status in rig.ends(ids)} == ids, "a final status of each", 30)
    assert {status["status"] for status in rig.ends(ids)} == {"delivered"}
    assert counts(receiver) == dict.fromkeys(ids, 1)


def test_cooperation_is_refused_with_a_librdkafka_that_crashes_on_it(rig: Rig) -> None:
    divide(rig, COOPERATIVE)
    result = run_once("webhook-consumer", "--check", environment=rig.environment)
    if ctypes.CDLL("librdkafka.so.1").rd_kafka_version() < 0x02060100:
        assert result.returncode == 78
        assert "kafka.partition.assignment.strategy: cooperative groups " in result.stderr
    else:
        assert result.returncode == 0, result.stderr


def test_of_two_consumers_with_one_name_the_first_leaves(rig: Rig, receiver: HTTPReceiver) -> None:
    first = rig.start(INSTANCE_ID="webhook-0")
    sent = [notifications.webhook() for _ in range(20)]
    rig.publish(*sent)
    for notification in sent:
        rig.final_status(notification)
    second = rig.start(ready=False, INSTANCE_ID="webhook-0")
    start = time.monotonic()
    assert first.wait(30) == 70
    print(f"the first left after {time.monotonic() - start:.1f} s")
    fatal = [line for line in map(json.loads, first.output().splitlines()) if line["event"] == "kafka_fatal"]
    assert len(fatal) == 1
    assert fatal[0]["reason"].startswith("Fenced: another process runs with INSTANCE_ID ")
    more = [notifications.webhook() for _ in range(20)]
    rig.publish(*more)
    for notification in more:
        assert rig.final_status(notification)["status"] == "delivered"
    assert second.running
    assert second.stop() == 0
    assert set(counts(receiver)) == {notification["id"] for notification in sent + more}
