"""Bad input to a channel's consumer: a dead letter with its class, and the stream goes on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from localhub.http_receiver import HTTPReceiver
from support import notifications
from support.names import WEBHOOK_SECRET, unique
from support.rig import Rig


@pytest.fixture
def receiver() -> Iterator[HTTPReceiver]:
    receiver = HTTPReceiver("endpoint")
    yield receiver
    receiver.close()


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    rig = make_rig("webhook", {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET}, partitions=1)
    rig.start()
    return rig


def with_fields(**fields: Any) -> bytes:
    return json.dumps(notifications.webhook() | fields).encode()


def without(*names: str) -> bytes:
    return json.dumps({name: value for name, value in notifications.webhook().items() if name not in names}).encode()


MALFORMED: dict[str, bytes | None] = {
    "not JSON": b"hello",
    "empty value": b"",
    "tombstone": None,
    "invalid UTF-8": b'{"id":"\xff"}',
    "an array": b"[]",
    "200 levels": b'{"id":' + b"[" * 200 + b"]" * 200 + b"}",
    "no id": without("id"),
    "no recipient": without("recipient"),
    "no content": without("content"),
    "an id that is a number": with_fields(id=7),
    "a recipient that is text": with_fields(recipient="orders"),
    "of another channel": with_fields(channel="email", recipient={"email": "a@recipient-leak.example"}),
}


@pytest.mark.parametrize("value", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_goes_to_the_dead_letters_unchanged(rig: Rig, receiver: HTTPReceiver, value: bytes | None) -> None:
    key = unique("bad")
    origin = rig.publish_raw(value, key, [("x-own", b"\x00kept")])
    good = notifications.webhook()
    rig.publish(good)
    dead = rig.dead_letter(origin)
    assert dead.header("x-dlq-error-class") == "malformed"
    assert (dead.key, dead.value, dead.headers[0]) == (key.encode(), value, ("x-own", b"\x00kept"))
    receiver.requests.one(lambda r: r.header_map["webhook-id"] == good["id"])


def test_an_endpoint_that_does_not_exist(rig: Rig, receiver: HTTPReceiver) -> None:
    bad, good = notifications.webhook("nowhere"), notifications.webhook()
    [origin, _] = rig.publish(bad, good, key="same")
    assert rig.dead_letter(origin).header("x-dlq-error-class") == "unknown_endpoint"
    status = rig.final_status(bad)
    assert (status["status"], status["class"], status["final"]) == ("failed", "unknown_endpoint", True)
    receiver.requests.one(lambda r: r.header_map["webhook-id"] == good["id"])


def test_a_url_of_an_event_is_not_called_unless_allowed(rig: Rig, receiver: HTTPReceiver) -> None:
    bad = notifications.webhook() | {"recipient": {"url": f"{receiver.url}/event-url", "endpoint": "orders"}}
    [origin] = rig.publish(bad)
    assert rig.dead_letter(origin).header("x-dlq-error-class") in ("blocked", "permanent")
    assert receiver.requests.all() == []


def test_many_bad_records_are_counted_and_lose_no_good_one(rig: Rig, receiver: HTTPReceiver) -> None:
    sent = [notifications.webhook() for _ in range(20)]
    for notification in sent:
        rig.publish_raw(b"no JSON", unique("bad"))
        rig.publish(notification)
    for notification in sent:
        assert rig.final_status(notification)["status"] == "delivered"
    assert len(rig.dead_letters()) == 20


def test_an_expired_notification_is_a_status_and_no_dead_letter(rig: Rig, receiver: HTTPReceiver) -> None:
    expired = notifications.webhook(expires_at="2026-11-01T00:00:00Z")
    rig.publish(expired)
    assert rig.final_status(expired)["status"] == "expired"
    assert (rig.dead_letters(), receiver.requests.all()) == ([], [])
