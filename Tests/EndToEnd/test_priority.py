"""Urgent notifications overtake what waits in the process, and what they overtake is not forgotten."""

from __future__ import annotations

import threading

import pytest

from localhub.http_receiver import Answer, HTTPReceiver
from localhub.waiting import wait_until
from support import notifications
from support.names import WEBHOOK_SECRET
from support.rig import Rig

# What lets one notification go after the other: the consumer's worker pool, or limits of the endpoint.
BOUNDS = {
    "the process is full": ("1", {}),
    "the endpoint is full": ("64", {"max_in_flight": 1}),
    "the endpoint's rate is spent": ("64", {"max_in_flight": 1, "rate": "100/s", "burst": 1}),
}


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    """With one partition, everything is read in the order in which it was published."""
    return make_rig("webhook", {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET}, partitions=1)


@pytest.mark.parametrize(("pool", "limits"), BOUNDS.values(), ids=BOUNDS.keys())
def test_urgent_ones_go_next_and_the_others_have_every_sixteenth_turn(
    rig: Rig, receiver: HTTPReceiver, pool: str, limits: dict
) -> None:
    gate = threading.Event()
    receiver.answer = lambda request: Answer(204, hold=gate)

    def limit(document: dict) -> None:
        del document["endpoints"]["orders"]["rate"]
        document["endpoints"]["orders"].update(limits)

    rig.config.edit("endpoints.yaml", limit)
    service = rig.start(WORKER_POOL_SIZE=pool)
    first = notifications.webhook()
    rig.publish(first)
    receiver.requests.wait()
    low = [notifications.webhook(priority="low") for _ in range(6)]
    normal = [notifications.webhook() for _ in range(120)]
    urgent = [notifications.webhook(priority=priority) for priority in ("high", "critical")]
    waiting = low + normal + urgent
    rig.publish(*waiting)
    wait_until(lambda: service.metric("notificationhub_waiting") == len(waiting), "all of them read")
    gate.set()
    for notification in waiting:
        assert rig.final_status(notification)["status"] == "delivered"
    priorities = {notification["id"]: notification["priority"] for notification in [first, *waiting]}
    order = [priorities[request.header_map["webhook-id"]] for request in receiver.requests.all()]
    assert len(order) == len(priorities)
    assert order[1:3] == ["critical", "high"]
    turns = [number for number, priority in enumerate(order) if priority == "low"]
    assert all(15 <= turn - last <= 17 for last, turn in zip([0, *turns], turns, strict=False)), turns
