"""Retry topics, Retry-After and dead letters, seen on the wire."""

from __future__ import annotations

import struct
import time
from collections.abc import Iterator

import pytest

from localhub.http_receiver import Answer, HTTPReceiver
from support import notifications
from support.names import WEBHOOK_SECRET
from support.rig import Rig


@pytest.fixture
def receiver() -> Iterator[HTTPReceiver]:
    receiver = HTTPReceiver("endpoint", lambda request: Answer(500, b"broken"))
    yield receiver
    receiver.close()


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    """The circuit stays shut out of these tests: they are about what one record goes through."""
    rig = make_rig("webhook", {"ORDERS_WEBHOOK_URL": f"{receiver.url}/x", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})
    return rig


def test_from_memory_to_the_tiers_to_the_dead_letter(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.start(MAX_RETRIES="5")
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    dead = rig.dead_letter(origin, timeout=40)
    assert len(receiver.requests.all()) == 6
    assert dead.header("x-dlq-error-class") == "exhausted"
    assert dead.header("x-retry-attempt") == "6"
    final = rig.final_status(notification)
    assert (final["status"], final["attempt"], final["class"]) == ("failed", 6, "exhausted")
    retries = rig.retries(origin, 2)
    assert [record.topic for record in retries] == rig.retry_topics
    assert [record.header("x-retry-attempt") for record in retries] == ["4", "5"]
    statuses = rig.statuses(notification, 6)
    assert [status["attempt"] for status in statuses] == [1, 2, 3, 4, 5, 6]
    assert [status["final"] for status in statuses] == [False] * 5 + [True]


def test_a_retry_record_is_the_original_plus_the_retry_headers(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.start()
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    before = int(time.time() * 1000)
    retry = rig.retries(origin)[0]
    added = ["x-retry-attempt", "x-retry-first-failure", "x-retry-not-before", "x-retry-origin"]
    kept = [(name, value) for name, value in retry.headers if name not in added]
    assert (retry.key, retry.value, kept) == (origin.key, origin.value, notifications.headers_of(notification))
    assert abs(int(retry.header("x-retry-first-failure") or 0) - before) < 15_000
    assert int(retry.header("x-retry-not-before") or 0) >= int(retry.header("x-retry-first-failure") or 0) + 300
    names = [name for name, _ in retry.headers]
    assert len(names) == len(set(names))


def test_a_record_that_recovers_in_a_tier_is_delivered_with_the_same_id(rig: Rig, receiver: HTTPReceiver) -> None:
    answers = iter([Answer(500)] * 4)
    receiver.answer = lambda request: next(answers, Answer(204))
    rig.start()
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    assert rig.final_status(notification, timeout=30)["status"] == "delivered"
    assert {request.header_map["webhook-id"] for request in receiver.requests.all()} == {notification["id"]}
    assert rig.dead_letters() == []


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_is_a_floor_and_chooses_the_tier(rig: Rig, receiver: HTTPReceiver, form: str) -> None:
    from email.utils import formatdate

    def later() -> Iterator[Answer]:
        # The date counts from the answer, however long the start took.
        value = "2" if form == "seconds" else formatdate(time.time() + 3, usegmt=True)
        yield Answer(503, headers={"Retry-After": value})

    answers = later()
    receiver.answer = lambda request: next(answers, Answer(204))
    rig.start()
    notification = notifications.webhook()
    rig.publish(notification)
    first, second = receiver.requests.wait(2, timeout=30)[:2]
    assert second.at - first.at >= 1.9
    assert rig.final_status(notification)["status"] == "delivered"


def test_a_dead_letter_keeps_the_record_and_tells_its_origin(rig: Rig, receiver: HTTPReceiver) -> None:
    receiver.answer = lambda request: Answer(404, b"nobody here")
    rig.start()
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    dead = rig.dead_letter(origin)
    headers = dead.header_map
    assert dead.headers[:6] == notifications.headers_of(notification)
    assert headers["x-dlq-original-topic"] == rig.topic.encode()
    assert headers["x-dlq-original-partition"] == str(origin.partition).encode()
    assert headers["x-dlq-original-offset"] == str(origin.offset).encode()
    assert headers["x-dlq-original-timestamp"] == str(origin.timestamp).encode()
    assert headers["x-dlq-original-group"] == rig.group.encode()
    assert headers["x-retry-attempt"] == b"1"
    assert headers["x-dlq-redrive-count"] == b"0"
    assert b"nobody here" not in b"".join(headers.values())
    assert headers["kafka_dlt-original-topic"] == rig.topic.encode()
    assert headers["kafka_dlt-original-partition"] == struct.pack(">i", origin.partition)
    assert headers["kafka_dlt-original-offset"] == struct.pack(">q", origin.offset)
    assert headers["kafka_dlt-original-timestamp"] == struct.pack(">q", origin.timestamp)
    assert headers["kafka_dlt-original-consumer-group"] == rig.group.encode()
    names = [name for name, _ in dead.headers]
    assert len(names) == len(set(names))


def test_a_dead_letter_from_a_tier_tells_the_main_topic(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.start(MAX_RETRIES="4")
    [origin] = rig.publish(notifications.webhook())
    dead = rig.dead_letter(origin, timeout=30)
    assert dead.header("x-dlq-original-topic") == rig.topic
    assert dead.header("x-dlq-original-partition") == str(origin.partition)
    assert dead.header("x-dlq-original-offset") == str(origin.offset)
    assert dead.header_map["kafka_dlt-original-offset"] == struct.pack(">q", origin.offset)


def test_nobody_listens_is_tried_again(rig: Rig, receiver: HTTPReceiver) -> None:
    receiver.close()
    rig.start(MAX_RETRIES="1")
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    assert rig.dead_letter(origin, timeout=30).header("x-dlq-error-class") == "exhausted"
