"""Recipients from the contact table: file, topic, languages, and nobody to write to."""

from __future__ import annotations

import json

import pytest
from confluent_kafka.admin import NewPartitions, NewTopic

from localhub.kafka import Broker, Record
from localhub.waiting import wait_until
from support.config import ConfigFolder
from support.core import Core
from support.hub import Hub
from support.launcher import Launcher
from support.names import new_address, new_phone, unique
from support.pipeline import RENE

CONTACT_TOPIC = "user.contacts"


def register(hub: Hub, user: str) -> str:
    event_id = unique("contact")
    hub.publish({"event_type": "user.registered", "event_id": event_id, "user_id": user}, "user.events")
    return event_id


def outcome(hub: Hub, user: str) -> str:
    """The address that an event of the user went to; empty when nobody was found."""
    event_id = register(hub, user)

    def look() -> str | None:
        for record in hub.all_notifications(event_id):
            return record.json["recipient"]["email"]
        statuses = hub.outcomes.records.all(lambda r: r.topic == "notifications.status" and r.json["event_id"] == event_id)
        return "suppressed" if statuses else None

    return wait_until(look, f"an outcome for {user}").replace("suppressed", "")


def test_contact_of_the_file(hub: Hub) -> None:
    body = hub.notification(register(hub, "rene"), "email").json
    assert body["recipient"] == {"email": RENE["email"], "name": RENE["name"]}


def test_contact_of_the_topic_comes_changes_and_goes(hub: Hub) -> None:
    user, first, second = unique("u"), new_address("first"), new_address("second")
    assert outcome(hub, user) == ""
    for contact, expected in ((first, first), (second, second), (None, "")):
        value = None if contact is None else json.dumps({"email": contact, "phone": new_phone()})
        hub.broker.publish(CONTACT_TOPIC, value, key=user)
        wait_until(lambda: outcome(hub, user) == expected, f"the contact {expected or 'to be gone'}")


def test_the_table_is_read_to_its_end_before_the_first_event(hub: Hub, launcher: object) -> None:
    """A core that starts finds contacts written before it, for events written before it."""
    user, address = unique("u"), new_address("before")
    assert hub.core.stop() == 0
    hub.broker.publish(CONTACT_TOPIC, json.dumps({"email": address}), key=user)
    event_id = register(hub, user)
    hub.start("core-service")
    assert hub.notification(event_id, "email").json["recipient"]["email"] == address


def test_a_contact_that_is_no_json_is_ignored(hub: Hub) -> None:
    user, address = unique("u"), new_address("kept")
    hub.broker.publish(CONTACT_TOPIC, b"{not json", key=unique("u"))
    hub.broker.publish(CONTACT_TOPIC, json.dumps({"email": address}), key=user)
    wait_until(lambda: outcome(hub, user) == address, "the contact behind the broken one")


def test_a_contact_with_a_field_that_is_no_text_changes_nothing(hub: Hub) -> None:
    user, address = unique("u"), new_address("kept")
    hub.broker.publish(CONTACT_TOPIC, json.dumps({"email": address}), key=user)
    hub.broker.publish(CONTACT_TOPIC, json.dumps({"email": 123}), key=user)
    wait_until(lambda: outcome(hub, user) == address, "the contact before the broken one")
    wait_until(lambda: "contact_refused" in hub.core.output(), "the refusal")
    assert outcome(hub, user) == address


def test_a_partition_that_the_topic_gets_later_is_read(broker: Broker, launcher: Launcher, config: ConfigFolder) -> None:
    """What it holds counts from its beginning, and what the others bring goes on."""
    topic = unique("e2e.contacts")
    broker.create_topics([NewTopic(topic, 1, 1, config={"cleanup.policy": "compact"})])
    config.edit("core.yaml", lambda document: document.setdefault("contacts", {}).update(topic=topic))
    core = Core(broker, launcher, config)
    core.start()

    def is_known(user: str) -> list[Record]:
        broker.publish(core.input, {"event_type": "user.registered", "event_id": unique("event"), "user_id": user})
        return core.of_run(user)

    def introduce(partition: int) -> str:
        user = unique("u")
        # A producer of its own: one that knows the topic learns of new partitions late.
        Broker(broker.address).publish(topic, json.dumps({"email": new_address(user)}), key=user, partition=partition)
        return user

    first = introduce(0)
    wait_until(lambda: is_known(first), "the first partition's contact")
    broker.admin.create_partitions([NewPartitions(topic, 2)])[topic].result()
    wait_until(lambda: len(broker.admin.list_topics(topic, timeout=10).topics[topic].partitions) == 2, "the new partition")
    for user in (introduce(1), introduce(0), introduce(1)):
        wait_until(lambda: is_known(user), "the contact", timeout=60)


@pytest.mark.parametrize(
    ("locale", "subject", "chosen"),
    [("fr-CA", "Bonjour", "fr"), ("fr-BE", "Salut", "fr-BE"), ("fr", "Bonjour", "fr"), ("pt-BR", "Hello", None), (None, "Hello", None)],
)
def test_locale_falls_back(hub: Hub, locale: str | None, subject: str, chosen: str | None) -> None:
    user, event_id = unique("u"), unique("locale")
    contact = {"email": new_address("locale")} | ({"locale": locale} if locale else {})
    hub.broker.publish(CONTACT_TOPIC, json.dumps(contact), key=user)
    wait_until(lambda: outcome(hub, user) == contact["email"], "the contact")
    hub.publish({"event_type": "test.greeting", "event_id": event_id, "user_id": user})
    assert hub.notification(event_id, "email").json["content"]["subject"] == subject


def test_nobody_to_write_to_is_a_status_and_other_channels_go_on(hub: Hub) -> None:
    event_id = unique("mute")
    hub.publish({"event_type": "order.created", "event_id": event_id, "user_id": "mute", "order_id": "1", "amount": 1})
    status = hub.status(event_id=event_id, status="suppressed")
    assert status["channel"] == "email"
    assert status["class"] == "no_recipient"
    assert status["final"] is True
    assert "id" not in status
    record = hub.outcomes.records.one(lambda r: r.topic == "notifications.status" and r.json == status)
    assert record.key == event_id.encode()
    hub.notification(event_id, "webhook")
    hub.notification(event_id, "slack")
    assert sorted(r.topic for r in hub.all_notifications(event_id)) == ["notifications.slack", "notifications.webhook"]
