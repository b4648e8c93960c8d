"""SIGHUP: routes and templates are read again; what does not validate is refused and the old stays."""

from __future__ import annotations

from localhub.waiting import wait_until
from support.hub import Hub
from support.names import unique
from support.pipeline import ADA


def subject_of(hub: Hub) -> str:
    event_id = unique("reload")
    hub.publish({"event_type": "test.strict", "event_id": event_id, "order_id": "7", "user_id": "ada",
                 "recipient": {"email": ADA["email"]}})  # fmt: skip
    return hub.notification(event_id, "email").json["content"]["subject"]


def test_a_changed_template_is_taken(hub: Hub) -> None:
    assert subject_of(hub) == "Order 7"
    hub.config.write("templates/strict/email.subject.mustache", "Changed {{order_id}}")
    hub.core.reload()
    wait_until(lambda: subject_of(hub) == "Changed 7", "the new template")
    hub.config.write("templates/strict/email.subject.mustache", "Order {{order_id}}")
    hub.core.reload()
    wait_until(lambda: subject_of(hub) == "Order 7", "the old template again")


def test_a_new_route_is_taken(hub: Hub) -> None:
    type_ = unique("test.added").replace("-", "")

    def add(document: dict) -> None:
        route = {"event": type_, "name": "added", "notify": [{"channel": "email", "to": ["recipient.email"], "template": "greeting"}]}
        document["routes"].append(route)

    hub.config.edit("routing.yaml", add)
    hub.core.reload()

    def routed() -> bool:
        event_id = unique("added")
        hub.publish({"event_type": type_, "event_id": event_id, "user_id": "ada", "recipient": {"email": ADA["email"]}}, key="order")
        behind = unique("behind")
        hub.publish({"event_type": "test.greeting", "event_id": behind, "user_id": "ada"}, key="order")
        hub.notification(behind, "email")
        return bool(hub.all_notifications(event_id))

    wait_until(routed, "the new route")


def test_a_table_that_does_not_validate_is_refused_and_the_old_one_stays(hub: Hub) -> None:
    file = hub.config.path / "routing.yaml"
    good = file.read_text()
    mark = len(hub.core.output())
    file.write_text(good.replace("channel: email", "channel: pigeon", 1))
    try:
        hub.core.reload()
        hub.core.wait_log("pigeon", after=mark)
        assert subject_of(hub) == "Order 7"
        assert hub.core.running
    finally:
        file.write_text(good)
    hub.core.reload()
    wait_until(lambda: subject_of(hub) == "Order 7", "the good table")


def test_a_template_that_does_not_compile_is_refused(hub: Hub) -> None:
    mark = len(hub.core.output())
    hub.config.write("templates/strict/email.subject.mustache", "Order {{#open}}")
    try:
        hub.core.reload()
        hub.core.wait_log("email.subject.mustache", after=mark)
        assert subject_of(hub) == "Order 7"
    finally:
        hub.config.write("templates/strict/email.subject.mustache", "Order {{order_id}}")
