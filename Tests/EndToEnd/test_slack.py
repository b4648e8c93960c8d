"""The Slack consumer against an incoming webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from localhub.http_receiver import Answer
from localhub.providers import SlackReceiver
from support import notifications
from support.names import SLACK_PATH, unique
from support.hub import Hub
from support.rig import Rig


@pytest.fixture
def slack() -> Iterator[SlackReceiver]:
    receiver = SlackReceiver()
    yield receiver
    receiver.close()


@pytest.fixture
def rig(make_rig, slack: SlackReceiver) -> Rig:
    rig = make_rig("slack", {"SLACK_WEBHOOK_URL": f"{slack.url}/services/{SLACK_PATH}"})
    rig.config.edit("endpoints.yaml", lambda document: document["endpoints"]["sales"].update(rate="100/s"))
    return rig


def test_text_and_blocks(rig: Rig, slack: SlackReceiver) -> None:
    rig.start()
    blocks = [{"type": "section", "text": {"type": "mrkdwn", "text": "*Hello* <https://example.com|there>"}}]
    notification = notifications.slack(text="Hello & <you>", blocks=blocks)
    rig.publish(notification)
    [request] = slack.requests.wait()
    message = json.loads(request.body)
    assert (message["text"], message["blocks"]) == ("Hello & <you>", blocks)
    assert request.path == f"/services/{SLACK_PATH}"
    assert request.header_map["content-type"].split(";")[0] == "application/json"
    status = rig.final_status(notification)
    assert (status["status"], status["destination"]) == ("delivered", "sales")


def test_200_without_ok_is_no_delivery(rig: Rig, slack: SlackReceiver) -> None:
    slack.answer = lambda request: Answer(200, b"<html>a proxy's page</html>")
    rig.start(MAX_RETRIES="1")
    notification = notifications.slack()
    [origin] = rig.publish(notification)
    rig.dead_letter(origin, timeout=30)
    assert rig.final_status(notification)["status"] == "failed"


@pytest.mark.parametrize("word", ["invalid_payload", "no_text", "invalid_blocks", "channel_is_archived", "action_prohibited", "no_service"])
def test_what_slack_never_takes_is_a_dead_letter(rig: Rig, slack: SlackReceiver, word: str) -> None:
    codes = {"channel_is_archived": 410, "no_service": 404, "action_prohibited": 403}
    slack.answer = lambda request: Answer(codes.get(word, 400), word.encode())
    rig.start()
    [origin] = rig.publish(notifications.slack())
    assert rig.dead_letter(origin).header("x-dlq-error-class") in ("permanent", "endpoint_closed")
    assert len(slack.requests.all()) == 1


def test_rate_limit_is_honoured(rig: Rig, slack: SlackReceiver) -> None:
    answers = iter([Answer(429, b"rate_limited", {"Retry-After": "1"})])
    slack.answer = lambda request: next(answers, None) or slack.respond(request)
    rig.start()
    notification = notifications.slack()
    rig.publish(notification)
    assert rig.final_status(notification)["status"] == "delivered"
    first, second = slack.requests.all()
    assert second.at - first.at >= 0.95


def test_one_message_a_second_where_nothing_is_configured(rig: Rig, slack: SlackReceiver) -> None:
    rig.config.edit("endpoints.yaml", lambda document: document["endpoints"]["sales"].pop("rate"))
    rig.start()
    rig.publish(*[notifications.slack() for _ in range(5)])
    requests = slack.requests.wait(5)
    # Four whole seconds, less what a busy machine may take to see the first one.
    assert requests[4].at - requests[0].at >= 3


def test_values_of_an_event_are_escaped(hub: Hub) -> None:
    event_id = unique("slack")
    hub.publish({"event_type": "test.slack", "event_id": event_id, "body": f"<!channel> & {event_id}"})
    hub.notification(event_id, "slack")
    request = hub.slack.requests.one(lambda r: event_id.encode() in r.body)
    assert json.loads(request.body)["text"] == f"&lt;!channel&gt; &amp; {event_id}"
