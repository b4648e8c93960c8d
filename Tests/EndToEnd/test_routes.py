"""The five default routes, from an event to nine notifications that arrive."""

from __future__ import annotations

import json
from dataclasses import dataclass

import pytest
from jsonschema import Draft202012Validator
from jsonschema.validators import validator_for

from localhub.processes import ROOT
from localhub.providers import twilio_form
from support.hub import Hub
from support.names import notification_id, unique
from support.pipeline import ADA


@dataclass(frozen=True)
class Case:
    topic: str
    type: str
    channels: tuple[str, ...]

    @property
    def route(self) -> str:
        return self.type.replace(".", "-")


CASES = [
    Case("order.events", "order.created", ("email", "webhook", "slack")),
    Case("order.events", "order.cancelled", ("email", "sms")),
    Case("payment.events", "payment.success", ("email",)),
    Case("payment.events", "payment.failed", ("email", "sms")),
    Case("user.events", "user.registered", ("email",)),
]
RECIPIENTS = {"email": ADA["email"], "sms": ADA["phone"], "webhook": "orders", "slack": "sales"}
RECIPIENT_KEYS = {"email": "email", "sms": "phone", "webhook": "endpoint", "slack": "endpoint"}
FINAL_WORD = {"email": "sent", "sms": "sent", "webhook": "delivered", "slack": "delivered"}
cases = pytest.mark.parametrize("case", CASES, ids=lambda case: case.type)


@pytest.fixture(scope="module")
def published(hub: Hub) -> dict[str, dict]:
    """One event of each type, by type."""
    events = {}
    for case in CASES:
        event = {
            "event_type": case.type, "event_id": unique("route"), "user_id": "ada", "timestamp": "2026-11-21T01:00:00Z",
            "order_id": unique("ORD"), "amount": 99.99, "currency": "EUR",
        }  # fmt: skip
        events[case.type] = event
        hub.publish(event, case.topic, key=f"key-{event['event_id']}")
    return events


@cases
def test_notifies_exactly_its_channels(hub: Hub, published: dict, case: Case) -> None:
    event_id = published[case.type]["event_id"]
    for channel in case.channels:
        hub.notification(event_id, channel)
    got = sorted(record.topic for record in hub.all_notifications(event_id))
    assert got == sorted(f"notifications.{channel}" for channel in case.channels)


@cases
def test_record_is_as_the_wire_contract_says(hub: Hub, published: dict, case: Case) -> None:
    event = published[case.type]
    for channel in case.channels:
        record = hub.notification(event["event_id"], channel)
        body = record.json
        identity = notification_id(case.topic, event["event_id"], case.route, channel, RECIPIENTS[channel])
        assert body["id"] == identity
        assert body["channel"] == channel
        assert body["event"] == {
            "id": event["event_id"], "type": case.type, "source": case.topic, "time": body["event"]["time"]
        }  # fmt: skip
        assert body["event"]["time"].startswith("2026-11-21T01:00:00")
        assert body["user_id"] == "ada"
        assert body["recipient"][RECIPIENT_KEYS[channel]] == RECIPIENTS[channel]
        assert body["route"] == case.route
        assert body["priority"] in ("low", "normal", "high", "critical")
        assert record.key == f"key-{event['event_id']}".encode()
        assert record.header("ce_specversion") == "1.0"
        assert record.header("ce_id") == identity
        assert record.header("ce_source") == "/notificationhub/core"
        assert record.header("ce_type") == f"notification.{channel}"
        assert record.header("content-type") == "application/json"
        assert_traceparent(record.header("traceparent"))


def assert_traceparent(value: str | None) -> None:
    version, trace, span, flags = (value or "").split("-")
    assert version == "00" and len(trace) == 32 and len(span) == 16 and len(flags) == 2
    assert int(trace, 16) > 0 and int(span, 16) > 0


@cases
def test_every_notification_reaches_its_receiver_once(hub: Hub, published: dict, case: Case) -> None:
    event_id = published[case.type]["event_id"]
    for channel in case.channels:
        body = hub.notification(event_id, channel).json
        status = hub.status(id=body["id"], final=True)
        assert (status["status"], status["channel"], status["event_id"]) == (FINAL_WORD[channel], channel, event_id)
        assert status["attempt"] == 1
        assert RECEIVED[channel](hub, body) == 1, channel


RECEIVED = {
    "email": lambda hub, body: len(hub.mail.mails.all(lambda m: body["id"] in str(m.message["message-id"]))),
    "sms": lambda hub, body: len(hub.twilio.requests.all(lambda r: twilio_form(r)["Body"] == body["content"]["text"])),
    "webhook": lambda hub, body: len(hub.webhook.requests.all(lambda r: r.header_map["webhook-id"] == body["id"])),
    "slack": lambda hub, body: len(hub.slack.requests.all(lambda r: json.loads(r.body)["text"] == body["content"]["text"])),
}


def validator(name: str) -> Draft202012Validator:
    schema = json.loads((ROOT / "docs" / "schemas" / name).read_text())
    kind = validator_for(schema)
    kind.check_schema(schema)
    return kind(schema)


@cases
def test_notifications_and_statuses_fit_the_published_schemas(hub: Hub, published: dict, case: Case) -> None:
    for channel in case.channels:
        body = hub.notification(published[case.type]["event_id"], channel).json
        validator("notification.schema.json").validate(body)
        validator("status.schema.json").validate(hub.status(id=body["id"], final=True))


def test_a_status_tells_no_address_and_no_content(hub: Hub, published: dict) -> None:
    event_id = published["order.created"]["event_id"]
    body = hub.notification(event_id, "email").json
    status = json.dumps(hub.status(id=body["id"], final=True))
    assert ADA["email"] not in status and body["content"]["subject"] not in status


def test_list_and_prefix_and_when(hub: Hub) -> None:
    wanted, refused, listed = unique("when"), unique("when"), unique("list")
    hub.publish({"event_type": "test.prefixed.a", "event_id": refused, "amount": 100, "country": "CH"}, key="when")
    hub.publish({"event_type": "test.prefixed.b", "event_id": wanted, "amount": 100.01, "country": "CH"}, key="when")
    hub.publish({"event_type": "test.also-plain", "event_id": listed, "user_id": "ada", "title": "T", "body": "B"}, key="when")
    hub.notification(wanted, "webhook")
    assert hub.notification(listed, "email").json["priority"] == "high"
    assert hub.all_notifications(refused) == []


def test_an_array_of_recipients_gives_one_notification_each_and_drops_doubles(hub: Hub) -> None:
    event_id = unique("array")
    people = [f"{name}-{event_id}@recipient-leak.example" for name in ("a", "b", "a")]
    hub.publish({"event_type": "test.everybody", "event_id": event_id, "user_id": "ada", "watchers": people})
    hub.notifications.records.wait(2, lambda r: r.json["event"]["id"] == event_id)
    got = sorted(record.json["recipient"]["email"] for record in hub.all_notifications(event_id))
    assert got == sorted(set(people))


def test_expiry_counts_from_the_event(hub: Hub) -> None:
    event_id = unique("expired")
    event = {"event_type": "test.short-lived", "event_id": event_id, "timestamp": "2026-11-01T00:00:00Z"}
    hub.publish(event | {"recipient": {"email": ADA["email"]}})
    body = hub.notification(event_id, "email").json
    assert body["expires_at"].startswith("2026-11-01T00:01:00")
    assert hub.status(id=body["id"], final=True)["status"] == "expired"


def test_the_id_is_of_the_address_without_blanks_and_with_its_domain_in_lower_case(hub: Hub) -> None:
    event_id = unique("normal")
    hub.publish({"event_type": "test.strict", "event_id": event_id, "order_id": "1", "user_id": "ada",
                 "recipient": {"email": "  Ada@RECIPIENT-Leak.Example "}})  # fmt: skip
    body = hub.notification(event_id, "email").json
    assert body["recipient"]["email"] == "Ada@recipient-leak.example"
    assert body["id"] == notification_id(
        "order.events", event_id, "strict-order", "email", "Ada@recipient-leak.example"
    )


def test_without_a_record_key_the_user_is_the_key(hub: Hub) -> None:
    event_id = unique("key")
    hub.publish({"event_type": "user.registered", "event_id": event_id, "user_id": "ada"}, "user.events")
    assert hub.notification(event_id, "email").key == b"ada"


def test_without_a_user_the_recipient_is_the_key(hub: Hub) -> None:
    event_id = unique("key")
    address = f"{event_id}@recipient-leak.example"
    hub.publish({"event_type": "user.registered", "event_id": event_id, "recipient": {"email": address}}, "user.events")
    assert hub.notification(event_id, "email").key == address.encode()
