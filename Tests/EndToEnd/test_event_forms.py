"""Every form in which an event may come."""

from __future__ import annotations

import json
from datetime import datetime, timezone

import pytest
from cloudevents.core.bindings.kafka import to_binary, to_structured
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent
from cloudevents.v1 import kafka as first_sdk
from cloudevents.v1.http import CloudEvent as FirstCloudEvent

from localhub.kafka import Record
from support.hub import Hub
from support.names import new_address, notification_id, unique
from support.pipeline import ADA

TIME = datetime(2026, 11, 21, 3, 0, 0, tzinfo=timezone.utc)


def publish_cloudevent(hub: Hub, message: object) -> Record:
    headers = [(name, value if isinstance(value, bytes) else str(value).encode()) for name, value in message.headers.items()]
    return hub.broker.publish("order.events", message.value, message.key, headers)


def attributes(event_id: str, **more: object) -> dict:
    return {"id": event_id, "source": "/shop/eu", "type": "order.created", "specversion": "1.0", "time": TIME,
            "datacontenttype": "application/json"} | more  # fmt: skip


def assert_mail_of(hub: Hub, event_id: str, address: str) -> dict:
    body = hub.notification(event_id, "email").json
    assert body["id"] == notification_id("/shop/eu", event_id, "order-created", "email", address)
    assert body["event"]["source"] == "/shop/eu"
    assert body["event"]["type"] == "order.created"
    assert body["event"]["time"].startswith("2026-11-21T03:00:00")
    return body


DATA = {"user_id": "ada", "order_id": "ORD777", "amount": 12.5}


@pytest.mark.parametrize("convert", [to_binary, to_structured], ids=["binary", "structured"])
def test_cloudevent_by_the_sdk(hub: Hub, convert: object) -> None:
    event_id = unique("sdk")
    publish_cloudevent(hub, convert(CloudEvent(attributes(event_id), DATA), JSONFormat()))
    body = assert_mail_of(hub, event_id, ADA["email"])
    assert "ORD777" in body["content"]["subject"] + body["content"]["text"]
    assert hub.notification(event_id, "webhook").json["content"]["data"] == DATA


@pytest.mark.parametrize(
    ("convert", "content_type"),
    [(first_sdk.to_binary, "application/json"), (first_sdk.to_structured, "application/cloudevents+json")],
    ids=["binary", "structured"],
)
def test_cloudevent_by_the_first_sdk(hub: Hub, convert: object, content_type: str) -> None:
    """Its structured form takes the record's content type from datacontenttype."""
    event_id = unique("sdk1")
    event = FirstCloudEvent(attributes(event_id, time=TIME.isoformat(), datacontenttype=content_type), DATA)
    publish_cloudevent(hub, convert(event))
    assert_mail_of(hub, event_id, ADA["email"])


def test_cloudevent_subject_is_the_user(hub: Hub) -> None:
    event_id = unique("subject")
    publish_cloudevent(hub, to_binary(CloudEvent(attributes(event_id, subject="ada"), {"order_id": "1"}), JSONFormat()))
    assert assert_mail_of(hub, event_id, ADA["email"])["user_id"] == "ada"


def test_partition_key_of_the_sdk_is_kept(hub: Hub) -> None:
    event_id = unique("key")
    event = CloudEvent(attributes(event_id, partitionkey="shop-7"), DATA)
    publish_cloudevent(hub, to_binary(event, JSONFormat()))
    assert hub.notification(event_id, "email").key == b"shop-7"


def test_plain_event_with_nothing_but_a_user(hub: Hub) -> None:
    placed = hub.broker.publish("order.events", {"event_type": "order.created", "user_id": "ada", "order_id": "ORD001", "amount": 99.99})
    event_id = f"order.events-{placed.partition}-{placed.offset}"
    body = hub.notification(event_id, "email").json
    assert body["recipient"]["email"] == ADA["email"]
    assert body["id"] == notification_id("order.events", event_id, "order-created", "email", ADA["email"])


def test_recipient_inside_the_event_goes_before_the_contact(hub: Hub) -> None:
    event_id, address = unique("inside"), new_address("inside")
    hub.publish({"event_type": "order.created", "event_id": event_id, "user_id": "ada", "recipient": {"email": address}})
    assert hub.notification(event_id, "email").json["recipient"]["email"] == address


def test_recipient_of_a_user_nobody_knows(hub: Hub) -> None:
    event_id, address = unique("stranger"), new_address("stranger")
    hub.publish({"event_type": "user.registered", "event_id": event_id, "user_id": unique("u"), "email": address}, "user.events")
    assert hub.notification(event_id, "email").json["recipient"]["email"] == address


def test_numeric_event_id_is_taken_as_its_text(hub: Hub) -> None:
    number = str(int(unique("0").split("-")[1], 16)) + "00"
    value = f'{{"event_type":"user.registered","event_id":{number},"user_id":"ada"}}'
    hub.broker.publish("user.events", value)
    assert hub.notification(number, "email").json["id"] == notification_id(
        "user.events", number, "user-registered", "email", ADA["email"]
    )


def test_data_reaches_the_webhook_byte_for_byte(hub: Hub) -> None:
    """Numbers beyond 2^53, doubled keys, blanks and escapes stay as they were written."""
    event_id = unique("bytes")
    value = (
        '{ "event_type":"order.created", "event_id":"%s","user_id":"ada","order_id":"O1",\t"amount":1.10,'
        '"big":123456789012345678901234567890.000100e+2, "twice":1,"twice":2,"text":"\\u00e9\\/é" }' % event_id
    )
    hub.broker.publish("order.events", value.encode())
    identity = hub.notification(event_id, "webhook").json["id"]
    request = hub.webhook.requests.one(lambda r: r.header_map["webhook-id"] == identity)
    assert value.encode() in request.body
    assert json.loads(request.body)["data"]["twice"] == 2


def test_of_doubled_keys_the_last_counts(hub: Hub) -> None:
    event_id, address = unique("doubled"), new_address("last")
    value = (
        f'{{"event_type":"order.cancelled","event_type":"user.registered","event_id":"{event_id}",'
        f'"email":"first@recipient-leak.example","email":"{address}"}}'
    )
    hub.broker.publish("user.events", value)
    assert hub.notification(event_id, "email").json["recipient"]["email"] == address


def test_128_levels_are_accepted(hub: Hub) -> None:
    event_id = unique("deep")
    deep = "[" * 126 + "]" * 126
    hub.broker.publish("user.events", f'{{"event_type":"user.registered","event_id":"{event_id}","user_id":"ada","deep":{deep}}}')
    hub.notification(event_id, "email")


def test_the_same_event_twice_gives_the_same_keys_values_and_ids(hub: Hub) -> None:
    event_id = unique("same")
    event = {"event_type": "payment.success", "event_id": event_id, "user_id": "ada", "timestamp": "2026-11-21T01:00:00Z", "amount": 5}
    for _ in range(2):
        hub.publish(event, "payment.events", key="same")
    first, second = hub.notifications.records.wait(2, lambda r: r.json["event"]["id"] == event_id)[:2]
    assert (first.key, first.value) == (second.key, second.value)
    assert first.header("ce_id") == second.header("ce_id")


def test_event_time_is_the_record_time_where_the_event_has_none(hub: Hub) -> None:
    event_id = unique("time")
    placed = hub.publish({"event_type": "user.registered", "event_id": event_id, "user_id": "ada", "timestamp": "yesterday"}, "user.events")
    time = datetime.fromisoformat(hub.notification(event_id, "email").json["event"]["time"].replace("Z", "+00:00"))
    assert round(time.timestamp() * 1000) == placed.timestamp
