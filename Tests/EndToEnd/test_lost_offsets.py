"""Where a consumer cannot go on from its committed offset: from the earliest record there is, and loudly."""

from __future__ import annotations

import json

import pytest
from confluent_kafka import Producer, TopicPartition

from localhub.http_receiver import HTTPReceiver
from localhub.processes import Service
from localhub.waiting import wait_until
from support import notifications
from support.names import WEBHOOK_SECRET
from support.rig import Rig

pytestmark = pytest.mark.real_broker("it keeps every record and offset")
RESETS = "notificationhub_offset_resets_total"


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    return make_rig("webhook", {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET}, partitions=1)


def deliver(rig: Rig, count: int) -> list[dict]:
    """Has a consumer deliver so many notifications and stop."""
    sent = [notifications.webhook() for _ in range(count)]
    rig.publish(*sent)
    service = rig.start()
    for notification in sent:
        rig.final_status(notification)
    assert service.stop() == 0
    assert rig.broker.committed(rig.group, rig.topic) == {0: count}
    return sent


def truncate(rig: Rig, offset: int) -> None:
    """Deletes the records before an offset, as retention does."""
    [answer] = rig.broker.admin.delete_records([TopicPartition(rig.topic, 0, offset)]).values()
    assert answer.result().low_watermark == offset


def resets(service: Service) -> list[dict]:
    return [line for line in map(json.loads, service.output().splitlines()) if line["event"] == "offset_reset"]


def test_records_that_retention_took_are_not_skipped_in_silence(rig: Rig, receiver: HTTPReceiver) -> None:
    deliver(rig, 5)
    sent = [notifications.webhook() for _ in range(20)]
    rig.publish(*sent)
    truncate(rig, 20)
    service = rig.start()
    for notification in sent[15:]:
        assert rig.final_status(notification)["status"] == "delivered"
    assert service.metric(RESETS, reason="deleted") == 1
    [line] = resets(service)
    assert (line["level"], line["topic"], line["partition"], line["from"], line["offset"]) == ("error", rig.topic, 0, 5, 20)
    gone = {notification["id"] for notification in sent[:15]}
    assert not gone & {request.header_map["webhook-id"] for request in receiver.requests.all()}
    assert service.stop() == 0
    assert rig.broker.lag(rig.group, rig.topic) == 0


def test_offsets_that_expired_mean_the_earliest_record(rig: Rig, receiver: HTTPReceiver) -> None:
    sent = deliver(rig, 5)
    truncate(rig, 2)
    [answer] = rig.broker.admin.delete_consumer_groups([rig.group]).values()
    answer.result()
    service = rig.start()
    wait_until(lambda: service.metric(RESETS, reason="no_offset") == 1, "the alarm")
    more = notifications.webhook()
    rig.publish(more)
    assert rig.final_status(more)["status"] == "delivered"
    requests = [request.header_map["webhook-id"] for request in receiver.requests.all()]
    assert sorted(requests) == sorted(n["id"] for n in sent + sent[2:] + [more])
    assert service.metric(RESETS, reason="deleted") == 0
    assert service.stop() == 0


def test_gaps_that_transactions_leave_are_no_alarm(rig: Rig, receiver: HTTPReceiver) -> None:
    """Markers and aborted records are offsets that nobody reads."""
    service = rig.start()
    first = notifications.webhook()
    rig.publish(first)
    rig.final_status(first)
    producer = Producer({"bootstrap.servers": rig.broker.address, "transactional.id": rig.group})
    producer.init_transactions(20)
    sent = [notifications.webhook() for _ in range(3)]
    for notification in sent:
        producer.begin_transaction()
        producer.produce(rig.topic, b"aborted")
        producer.flush(20)
        producer.abort_transaction(20)
        producer.begin_transaction()
        producer.produce(rig.topic, json.dumps(notification))
        producer.commit_transaction(20)
    for notification in sent:
        assert rig.final_status(notification)["status"] == "delivered"
    assert service.metric(RESETS, reason="deleted") == 0
    assert service.stop() == 0
    assert rig.broker.lag(rig.group, rig.topic) == 0
