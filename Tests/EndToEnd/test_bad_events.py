"""Bad input to the core: each ends as a clear record, is counted, and the stream goes on."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass
from typing import Any

import pytest

from localhub.kafka import Headers
from localhub.waiting import wait_until
from support.hub import Hub
from support.names import PLANTED_DOMAIN, unique
from support.pipeline import ADA


def event(**fields: Any) -> bytes:
    return json.dumps({"event_type": "user.registered", "user_id": "ada"} | fields).encode()


@dataclass(frozen=True)
class Bad:
    name: str
    value: bytes | None
    error_class: str
    headers: tuple[tuple[str, bytes], ...] = ()
    topic: str = "user.events"


CLOUDEVENT = (("ce_specversion", b"1.0"), ("ce_id", b"1"), ("ce_source", b"/s"), ("content-type", b"application/json"))
STRUCTURED = (("content-type", b"application/cloudevents+json; charset=utf-8"),)

REJECTED = [
    Bad("not JSON", b"hello, this is no JSON", "malformed"),
    Bad("JSON that ends early", b'{"event_type":"user.registered","user_id":', "malformed"),
    Bad("more than one JSON value", b'{"event_type":"user.registered"}{"a":1}', "malformed"),
    Bad("empty value", b"", "malformed"),
    Bad("tombstone", None, "malformed"),
    Bad("a value of blanks", b"  \n ", "malformed"),
    Bad("an array", b'[{"event_type":"user.registered"}]', "malformed"),
    Bad("a number", b"42", "malformed"),
    Bad("200 levels", b'{"event_type":"user.registered","deep":' + b"[" * 200 + b"]" * 200 + b"}", "malformed"),
    Bad("200 levels of objects", b'{"event_type":"user.registered","deep":' + b'{"a":' * 200 + b"1" + b"}" * 200 + b"}", "malformed"),
    Bad("invalid UTF-8", b'{"event_type":"user.registered","user_id":"\xff\xfe"}', "malformed"),
    Bad("an overlong UTF-8 form", b'{"event_type":"user.registered","user_id":"\xc0\xaf"}', "malformed"),
    Bad("half of a surrogate pair", b'{"event_type":"user.registered","user_id":"\xed\xa0\x80"}', "malformed"),
    Bad("no type", b'{"user_id":"ada"}', "no_type"),
    Bad("empty type", event(event_type=""), "no_type"),
    Bad("a type that is null", event(event_type=None), "no_type"),
    Bad("a CloudEvent without type", b'{"user_id":"ada"}', "no_type", CLOUDEVENT),
    Bad("a CloudEvent whose data is not JSON", b"<xml/>", "malformed", (*CLOUDEVENT, ("ce_type", b"user.registered"))),
    Bad("a CloudEvent without data", None, "malformed", (*CLOUDEVENT, ("ce_type", b"user.registered"))),
    Bad("a structured CloudEvent that is not JSON", b"nope", "malformed", STRUCTURED),
    Bad("a structured CloudEvent without type", b'{"specversion":"1.0","id":"1","source":"/s","data":{}}', "no_type", STRUCTURED),
    Bad("a missing template value", event(event_type="test.strict", recipient={"email": ADA["email"]}), "template"),
]  # fmt: skip

# A type, a user or an address of another kind than text.
WRONG_TYPES = [
    Bad("a type that is a number", event(event_type=42), ""),
    Bad("a type that is an object", event(event_type={"a": 1}), ""),
]

rejected = pytest.mark.parametrize("bad", REJECTED + WRONG_TYPES, ids=lambda bad: bad.name)


def stream_goes_on(hub: Hub, topic: str = "user.events") -> None:
    event_id = unique("after")
    hub.publish({"event_type": "user.registered", "event_id": event_id, "user_id": "ada"}, topic)
    hub.notification(event_id, "email")
    assert hub.core.running


@rejected
def test_goes_to_events_dlq_unchanged_with_the_reason(hub: Hub, bad: Bad) -> None:
    key = unique("bad")
    own: Headers = [*bad.headers, ("x-own", b"\x00\xff kept")]
    origin = hub.broker.publish(bad.topic, bad.value, key, own)
    dead = hub.dead_event(origin)
    assert (dead.key, dead.value) == (key.encode(), bad.value)
    assert dead.headers[: len(own)] == own
    if bad.error_class:
        assert dead.header("x-dlq-error-class") == bad.error_class
    for name in ("code", "message", "stage"):
        assert dead.header(f"x-dlq-error-{name}"), name
    assert dead.header("x-dlq-original-timestamp") == str(origin.timestamp)
    assert dead.header("x-dlq-original-group") == "notificationhub-core"
    stream_goes_on(hub)


def test_dead_event_has_the_names_of_spring_kafka_too(hub: Hub) -> None:
    origin = hub.broker.publish("user.events", b"no JSON", key=unique("spring"))
    headers = hub.dead_event(origin).header_map
    assert headers["kafka_dlt-original-topic"] == b"user.events"
    assert headers["kafka_dlt-original-partition"] == struct.pack(">i", origin.partition)
    assert headers["kafka_dlt-original-offset"] == struct.pack(">q", origin.offset)
    assert headers["kafka_dlt-original-timestamp"] == struct.pack(">q", origin.timestamp)
    assert headers["kafka_dlt-original-consumer-group"] == b"notificationhub-core"
    assert headers["kafka_dlt-exception-message"]
    assert headers["kafka_dlt-exception-fqcn"]


@pytest.mark.parametrize("key", [None, ""], ids=["null key", "empty key"])
def test_a_record_without_a_key_and_with_fifty_headers(hub: Hub, key: str | None) -> None:
    many: Headers = [(f"h{number % 40}", bytes([number]) * number) for number in range(50)]
    dead = hub.dead_event(hub.broker.publish("user.events", b"no JSON", key, many))
    assert dead.key == (None if key is None else b"")
    assert dead.headers[:50] == many
    event_id = unique("dressed")
    hub.broker.publish("user.events", event(event_id=event_id, user_id="ada"), key, many)
    hub.notification(event_id, "email")


def test_a_missing_template_value_names_its_path(hub: Hub) -> None:
    origin = hub.broker.publish("user.events", event(event_type="test.strict", recipient={"email": ADA["email"]}), unique("t"))
    assert "order_id" in (hub.dead_event(origin).header("x-dlq-error-message") or "")


def test_a_value_of_2_mb(hub: Hub) -> None:
    """Topics of the list take 1 MiB; on one that takes more, the core refuses what is beyond max_event_bytes."""
    from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource, ResourceType

    entry = ConfigEntry("max.message.bytes", "4000000", incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ResourceType.TOPIC, "user.events", incremental_configs=[entry])
    for result in hub.broker.admin.incremental_alter_configs([resource]).values():
        result.result()
    value = event(filler="x" * 2_000_000)
    origin = hub.broker.publish("user.events", value, unique("large"))
    dead = hub.dead_event(origin, timeout=40)
    assert dead.header("x-dlq-error-class") == "too_large"
    truncated = dead.header("x-dlq-truncated")
    if truncated is None:
        assert dead.value == value
    else:
        assert (int(truncated), dead.value) == (len(value), value[: 64 * 1024])
    stream_goes_on(hub)


def test_an_unknown_type_is_counted_and_dropped(hub: Hub) -> None:
    event_id = unique("unknown")
    before = sum_of(hub, "unrouted")
    origin = hub.publish({"event_type": "nobody.wants.this", "event_id": event_id, "user_id": "ada"}, "user.events")
    wait_until(lambda: sum_of(hub, "unrouted") > before, "the counter of events that no route wants")
    stream_goes_on(hub)
    assert hub.all_notifications(event_id) == []
    place = (str(origin.partition), str(origin.offset))
    assert not hub.outcomes.records.all(
        lambda r: r.topic == "events.dlq" and (r.header("x-dlq-original-partition"), r.header("x-dlq-original-offset")) == place
    )


def sum_of(hub: Hub, word: str) -> float:
    """The sum of the core's counters whose series has this word."""
    lines = hub.core.get("/metrics")[1].splitlines()
    return sum(float(line.rpartition(" ")[2]) for line in lines if not line.startswith("#") and word in line)


def test_rejected_events_are_counted(hub: Hub) -> None:
    def counted() -> float:
        return sum_of(hub, "rejected") + sum_of(hub, "dead")

    before = counted()
    hub.dead_event(hub.broker.publish("user.events", b"no JSON", unique("counted")))
    wait_until(lambda: counted() > before, "the counter of rejected events")


BAD_ADDRESSES = {
    "CR and LF": "ada@recipient-leak.example\r\nBcc: all@recipient-leak.example",
    "LF": "ada@recipient-leak.example\nX: y",
    "no domain": "ada-recipient-leak",
    "two": "a@recipient-leak.example, b@recipient-leak.example",
    "brackets": "<ada@recipient-leak.example>",
    "NUL": "ada\u0000@recipient-leak.example",
    "empty": "",
}


def bad_outcome(hub: Hub, event_id: str, origin: object, channel: str) -> str:
    """Where an event with a bad recipient ended: events.dlq, the channel's dead letters, or a suppressed status."""

    def look() -> str | None:
        for record in hub.outcomes.records.all():
            if record.topic == "events.dlq" and record.key == origin.key:
                return "events.dlq"
            if record.topic == f"notifications.{channel}.dlq" and event_id.encode() in (record.value or b""):
                return "channel"
            if record.topic == "notifications.status" and record.json["event_id"] == event_id and record.json["channel"] == channel:
                if record.json["final"]:
                    return str(record.json["status"])
        return None

    return wait_until(look, f"an end of {event_id}")


@pytest.mark.parametrize("address", BAD_ADDRESSES.values(), ids=BAD_ADDRESSES.keys())
def test_an_address_that_is_none_never_reaches_a_server(hub: Hub, address: str) -> None:
    event_id = unique("bad-address")
    origin = hub.publish({"event_type": "test.strict", "event_id": event_id, "order_id": event_id, "user_id": "mute",
                          "recipient": {"email": address}}, key=event_id)  # fmt: skip
    assert bad_outcome(hub, event_id, origin, "email") in ("events.dlq", "channel", "suppressed", "failed")
    assert not hub.mail.mails.all(lambda mail: event_id in str(mail.message["subject"]))
    stream_goes_on(hub)


BAD_PHONES = {"letters": "call me", "too long": "+41795550000000000", "no country": "0795550000", "LF": "+4179555\n0000", "empty": ""}


@pytest.mark.parametrize("phone", BAD_PHONES.values(), ids=BAD_PHONES.keys())
def test_a_phone_that_is_none_never_reaches_the_provider(hub: Hub, phone: str) -> None:
    event_id = unique("bad-phone")
    origin = hub.publish({"event_type": "test.plain", "event_id": event_id, "user_id": "mute", "title": "t", "body": event_id,
                          "recipient": {"email": ADA["email"], "phone": phone}}, key=event_id)  # fmt: skip
    assert bad_outcome(hub, event_id, origin, "sms") in ("events.dlq", "channel", "suppressed", "failed")
    assert not hub.twilio.requests.all(lambda request: event_id.encode() in request.body)
    stream_goes_on(hub)


@pytest.mark.parametrize("recipient", [42, True, {"email": "x"}, ["a"], None], ids=["number", "true", "object", "list", "null"])
def test_a_recipient_of_a_wrong_type(hub: Hub, recipient: Any) -> None:
    event_id = unique("wrong-type")
    origin = hub.publish({"event_type": "test.strict", "event_id": event_id, "order_id": "1", "recipient": recipient}, key=event_id)
    assert bad_outcome(hub, event_id, origin, "email") in ("events.dlq", "channel", "suppressed", "failed")
    stream_goes_on(hub)


def test_line_breaks_in_a_subject_make_no_header(hub: Hub) -> None:
    event_id = unique("subject")
    origin = hub.publish(
        {"event_type": "test.plain", "event_id": event_id, "title": f"Hi\r\nBcc: spy@{PLANTED_DOMAIN}", "body": event_id,
         "recipient": {"email": ADA["email"], "phone": ADA["phone"]}}, key=event_id,
    )  # fmt: skip
    assert bad_outcome(hub, event_id, origin, "email") in ("events.dlq", "channel", "sent", "failed")
    for mail in hub.mail.mails.all(lambda mail: event_id in mail.part("plain")):
        assert mail.message["bcc"] is None
        assert mail.recipients == [ADA["email"]]
    stream_goes_on(hub)
