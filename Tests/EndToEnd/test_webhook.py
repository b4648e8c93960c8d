"""The webhook consumer against a receiver of ours with the signature libraries of others."""

from __future__ import annotations

import json
import threading
import time

import pytest
import standardwebhooks
import svix

from localhub.http_receiver import Answer, HTTPReceiver, Request
from localhub.waiting import wait_until
from support import notifications
from support.names import ROTATED_SECRET, WEBHOOK_SECRET, unique
from support.rig import Rig


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    return make_rig(
        "webhook", {"ORDERS_WEBHOOK_URL": f"{receiver.url}/orders", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET}
    )


def arrival(receiver: HTTPReceiver, notification: dict, count: int = 1, timeout: float = 20) -> list[Request]:
    return receiver.requests.wait(count, lambda r: r.header_map.get("webhook-id") == notification["id"], timeout)


def verify(request: Request, secret: str = WEBHOOK_SECRET) -> None:
    standardwebhooks.Webhook(secret).verify(request.body, request.header_map)
    svix.Webhook(secret).verify(request.body, request.header_map)


def test_signature_headers_and_body(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.start()
    notification = notifications.webhook(data={"order_id": "ORD001", "who": "Zoë 🚀"})
    rig.publish(notification)
    request = arrival(receiver, notification)[0]
    verify(request)
    headers = request.header_map
    assert (request.method, request.path) == ("POST", "/orders")
    assert headers["webhook-id"] == notification["id"]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 30
    assert headers["content-type"].split(";")[0] == "application/json"
    assert json.loads(request.body) == notification["content"]
    version, trace, _, _ = headers["traceparent"].split("-")
    assert (version, trace) == ("00", "0af7651916cd43dd8448eb211c80319c")
    status = rig.final_status(notification)
    assert (status["status"], status["destination"], status["attempt"]) == ("delivered", "orders", 1)


def test_content_is_posted_byte_for_byte(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.start()
    notification = notifications.webhook()
    content = '{"type":"a.b", "timestamp":"2026-11-21T01:00:00Z",\t"data":{"n":1.10, "n":1e400, "u":"\\u00e9\\/" } }'
    value = json.dumps(notification | {"content": "HERE"}).replace('"HERE"', content)
    rig.publish_raw(value.encode(), "k", notifications.headers_of(notification))
    assert arrival(receiver, notification)[0].body == content.encode()


def test_two_secrets_while_rotating_both_sign(rig: Rig, receiver: HTTPReceiver) -> None:
    def rotate(document: dict) -> None:
        document["endpoints"]["orders"]["secrets"] = ["${ORDERS_WEBHOOK_SECRET}", "${ORDERS_WEBHOOK_SECRET_NEXT}"]

    rig.config.edit("endpoints.yaml", rotate)
    rig.start(ORDERS_WEBHOOK_SECRET_NEXT=ROTATED_SECRET)
    notification = notifications.webhook()
    rig.publish(notification)
    request = arrival(receiver, notification)[0]
    verify(request, WEBHOOK_SECRET)
    verify(request, ROTATED_SECRET)
    assert len(request.header_map["webhook-signature"].split(" ")) == 2


def test_the_endpoints_own_headers_go_along(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.config.edit("endpoints.yaml", lambda d: d["endpoints"]["orders"].update(headers={"X-Team": "orders"}))
    rig.start()
    notification = notifications.webhook()
    rig.publish(notification)
    assert arrival(receiver, notification)[0].header_map["x-team"] == "orders"


@pytest.mark.parametrize("status", [408, 425, 429, 500, 502, 503, 504])
def test_a_transient_answer_is_tried_again_with_the_same_id(rig: Rig, receiver: HTTPReceiver, status: int) -> None:
    notification = notifications.webhook()
    answers = iter([Answer(status), Answer(status)])
    receiver.answer = lambda request: next(answers, Answer(204))
    rig.start()
    rig.publish(notification)
    requests = arrival(receiver, notification, 3)
    for request in requests:
        verify(request)
    final = rig.final_status(notification)
    assert (final["status"], final["attempt"]) == ("delivered", 3)
    assert [s["status"] for s in rig.statuses(notification, 3)] == ["retrying", "retrying", "delivered"]


@pytest.mark.parametrize("status", [301, 307, 400, 401, 403, 404, 405, 413, 422])
def test_a_permanent_answer_is_a_dead_letter_after_one_attempt(rig: Rig, receiver: HTTPReceiver, status: int) -> None:
    notification = notifications.webhook()
    receiver.answer = lambda request: Answer(status, b"no", {"Location": f"{receiver.url}/elsewhere"})
    rig.start()
    [origin] = rig.publish(notification)
    dead = rig.dead_letter(origin)
    assert dead.header("x-dlq-error-class") == "permanent"
    assert str(status) in (dead.header("x-dlq-error-code") or "") + (dead.header("x-dlq-error-message") or "")
    assert rig.final_status(notification)["status"] == "failed"
    assert [request.path for request in receiver.requests.all()] == ["/orders"]


def test_410_closes_the_endpoint_until_the_configuration_is_read_again(rig: Rig, receiver: HTTPReceiver) -> None:
    first, second, third = (notifications.webhook() for _ in range(3))
    receiver.answer = lambda request: Answer(410)
    service = rig.start()
    [origin] = rig.publish(first)
    assert rig.dead_letter(origin).header("x-dlq-error-class") in ("permanent", "endpoint_closed")
    assert rig.final_status(first)["status"] == "failed"
    [origin] = rig.publish(second)
    assert rig.dead_letter(origin).header("x-dlq-error-class") == "endpoint_closed"
    assert len(receiver.requests.all()) == 1
    receiver.answer = lambda request: Answer(204)
    service.reload()

    def delivered() -> bool:
        """A reload is asynchronous: what came before it is closed too."""
        probe = notifications.webhook()
        rig.publish(probe)
        return rig.final_status(probe)["status"] == "delivered"

    wait_until(delivered, "the endpoint to be open again")
    rig.publish(third)
    arrival(receiver, third)


def test_webhook_delivery_disable_closes_too(rig: Rig, receiver: HTTPReceiver) -> None:
    first, second = notifications.webhook(), notifications.webhook()
    receiver.answer = lambda request: Answer(400, headers={"webhook-delivery": "disable"})
    rig.start()
    rig.publish(first)
    rig.final_status(first)
    [origin] = rig.publish(second)
    assert rig.dead_letter(origin).header("x-dlq-error-class") == "endpoint_closed"
    assert len(receiver.requests.all()) == 1


def test_an_address_outside_the_allowed_networks_is_blocked(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.start(ALLOW_NETWORKS="10.255.255.0/24")
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    assert rig.dead_letter(origin).header("x-dlq-error-class") == "blocked"
    assert receiver.requests.all() == []


def test_a_slow_endpoint_does_not_hold_up_another(rig: Rig, receiver: HTTPReceiver) -> None:

    release = threading.Event()
    slow = HTTPReceiver("slow endpoint", lambda request: Answer(204, hold=release))

    def add(document: dict) -> None:
        document["endpoints"]["slow"] = document["endpoints"]["orders"] | {"url": f"{slow.url}/slow", "timeout": "30s"}

    rig.config.edit("endpoints.yaml", add)
    rig.start()
    stuck = [notifications.webhook("slow") for _ in range(20)]
    quick = [notifications.webhook("orders") for _ in range(20)]
    key = unique("same")
    rig.publish(*[item for pair in zip(stuck, quick) for item in pair], key=key)
    for notification in quick:
        arrival(receiver, notification)
    release.set()
    for notification in stuck:
        assert rig.final_status(notification)["status"] == "delivered"
    slow.close()


def test_a_url_of_an_event_that_hangs_takes_nothing_from_the_endpoint_that_lends_its_name(
    rig: Rig, receiver: HTTPReceiver
) -> None:
    release = threading.Event()
    elsewhere = HTTPReceiver("elsewhere", lambda request: Answer(204, hold=release))
    rig.config.edit("webhook.yaml", lambda document: document.update(urls_from_events=True))
    # Longer than the test waits.
    rig.config.edit("endpoints.yaml", lambda d: d["endpoints"]["orders"].update(timeout="60s", max_in_flight=4))
    rig.start()
    stuck = [notifications.webhook() | {"recipient": {"url": elsewhere.url, "endpoint": "orders"}} for _ in range(20)]
    rig.publish(*stuck)
    elsewhere.requests.wait(4)
    own = notifications.webhook()
    rig.publish(own)
    assert rig.final_status(own)["status"] == "delivered"
    assert len(elsewhere.requests.all()) == 4
    release.set()
    for notification in stuck:
        assert rig.final_status(notification)["status"] == "delivered"
    elsewhere.close()


def test_records_of_a_lane_arrive_in_order(rig: Rig, receiver: HTTPReceiver) -> None:
    rig.start()
    sent = [notifications.webhook(data={"number": number}) for number in range(50)]
    rig.publish(*sent, key="one-lane")
    receiver.requests.wait(50)
    assert [json.loads(r.body)["data"]["number"] for r in receiver.requests.all()] == list(range(50))


def test_an_endpoint_that_does_not_answer_in_time_is_tried_again(rig: Rig, receiver: HTTPReceiver) -> None:
    never = threading.Event()
    answers = iter([Answer(204, hold=never)])
    receiver.answer = lambda request: next(answers, Answer(204))
    rig.config.edit("endpoints.yaml", lambda d: d["endpoints"]["orders"].update(timeout="1s"))
    rig.start()
    notification = notifications.webhook()
    rig.publish(notification)
    arrival(receiver, notification, 2)
    assert rig.final_status(notification)["status"] == "delivered"
    never.set()
