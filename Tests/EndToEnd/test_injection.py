"""Hostile texts in every field of a notification, and in events: one well-formed message to one recipient leaves, or
nothing."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import standardwebhooks

from localhub.http_receiver import Answer, HTTPReceiver, Request
from localhub.providers import TWILIO_ACCOUNT, TWILIO_TOKEN, SlackReceiver, TwilioReceiver
from localhub.smtp_receiver import SMTPReceiver
from localhub.waiting import wait_until
from support import notifications
from support.hostile import TEXTS, Attack, attacks
from support.hub import Hub
from support.names import SLACK_PATH, WEBHOOK_SECRET, new_address, new_phone, unique
from support.rig import Rig

TIMEOUT = 60
SUCCESSES = ("delivered", "sent")


def deliver(rig: Rig, planned: list[Attack]) -> dict[str, Attack]:
    """Publishes all of them and waits for their ends: the delivered ones by id, each delivered once. All others are dead
    letters, or expired where that was the field."""
    rig.start()
    rig.broker.publish_all([(rig.topic, json.dumps(a.notification), a.key, a.headers) for a in planned])
    by_id = {attack.notification["id"]: attack for attack in planned}

    def ended() -> bool:
        left = [status for status in rig.ends(set(by_id)) if status["status"] in (*SUCCESSES, "expired")]
        return len(left) + len(rig.dead_letters()) >= len(planned)

    wait_until(ended, f"the ends of {len(planned)} notifications", TIMEOUT)
    wait_until(lambda: rig.broker.lag(rig.group, rig.topic) == 0, "everything to be committed", TIMEOUT)
    good = [status["id"] for status in rig.ends(set(by_id)) if status["status"] in SUCCESSES]
    assert len(set(good)) == len(good)
    return {key: by_id[key] for key in good}


def same(text: str, attack: Attack) -> bool:
    """A lone surrogate is no character: the replacement character stands for it."""
    return text == attack.text or "\ud800" in attack.text


def lines(text: str) -> list[str]:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n").split("\n")


MAIL_HEADERS = ["date", "from", "to", "subject", "message-id", "auto-submitted", "mime-version", "content-type"]


def test_email(make_rig) -> None:
    receiver = SMTPReceiver()
    rig = make_rig(
        "email", {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(receiver.port), "SMTP_TLS": "off", "EMAIL_FROM": "hello@sender.example"}
    )
    fields = ("recipient.email", "recipient.name", "content.subject", "content.text", "content.html")

    def make() -> dict[str, Any]:
        return notifications.email(html="<p>Hello</p>", name="Ada")

    sent = list(attacks(make, fields))
    good = deliver(rig, sent)
    mails = receiver.mails.all()
    assert len(mails) == len(good)
    seen = set()
    for mail in mails:
        message = mail.message
        identifier = message["message-id"].removeprefix("<").split("@")[0]
        attack = good[identifier]
        seen.add(identifier)
        assert mail.recipients == [attack.notification["recipient"]["email"].strip()], attack.name
        assert mail.sender == "hello@sender.example"
        names = [name.lower() for name in message.keys()]
        assert [name for name in names if name != "content-transfer-encoding"] == MAIL_HEADERS, attack.name
        assert [part.get_content_type() for part in message.walk()] == ["multipart/alternative", "text/plain", "text/html"], attack.name
        assert message.defects == [] and len(message["to"].addresses) == 1, attack.name
        assert all(len(line) <= 998 and b"\r" not in line and b"\n" not in line for line in mail.content.split(b"\r\n"))
        if attack.field == "content.text" and "\ud800" not in attack.text:
            assert lines(mail.part("plain")) == lines(attack.text), attack.name
        if attack.field == "content.html" and "\ud800" not in attack.text:
            assert lines(mail.part("html")) == lines(attack.text), attack.name
    assert seen == good.keys()
    # Every text may stand in a body, and none with a line break in a header.
    assert {a.sort for a in good.values() if a.field == "content.text"} == {a.sort for a in sent}
    headers = [a for a in good.values() if a.field in ("recipient.email", "recipient.name", "content.subject")]
    assert all(character not in a.text for a in headers for character in "\r\n\0\v\f\x1b\x7f")
    receiver.close()


def request_headers(request: Request) -> list[str]:
    return sorted(name.lower() for name in request.headers.keys())


HTTP_HEADERS = ["accept", "content-length", "content-type", "host", "user-agent"]
WEBHOOK_HEADERS = ["webhook-id", "webhook-signature", "webhook-timestamp", "x-team"]


def test_webhook(make_rig) -> None:
    receiver = HTTPReceiver("endpoint", lambda request: Answer(204))
    rig = make_rig("webhook", {"ORDERS_WEBHOOK_URL": f"{receiver.url}/orders", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})
    sent = list(attacks(notifications.webhook, ("recipient.endpoint", "content.type", "content.data", "content.timestamp")))
    good = deliver(rig, sent)
    requests = receiver.requests.all()
    assert {request.header_map["webhook-id"] for request in requests} == good.keys() and len(requests) == len(good)
    for request in requests:
        attack = good[request.header_map["webhook-id"]]
        assert (request.method, request.path) == ("POST", "/orders")
        names = sorted([*HTTP_HEADERS, *WEBHOOK_HEADERS] + (["traceparent"] if attack.field != "<header traceparent>" else []))
        assert request_headers(request) == names, attack.name
        standardwebhooks.Webhook(WEBHOOK_SECRET).verify(request.body, request.header_map)
        assert json.loads(request.body) == attack.notification["content"], attack.name
    assert {a.sort for a in good.values() if a.field == "content.data"} == {a.sort for a in sent}
    assert not any(a.field in ("id", "recipient.endpoint") for a in good.values())
    receiver.close()


def test_slack(make_rig) -> None:
    receiver = SlackReceiver()
    rig = make_rig("slack", {"SLACK_WEBHOOK_URL": f"{receiver.url}/services/{SLACK_PATH}"})
    rig.config.edit("endpoints.yaml", lambda document: document["endpoints"]["sales"].update(rate="10000/s"))

    def make() -> dict[str, Any]:
        return notifications.slack(blocks=[{"type": "section", "text": "Hello"}])

    sent = list(attacks(make, ("recipient.endpoint", "content.text")))
    good = deliver(rig, sent)
    requests = receiver.requests.all()
    assert len(requests) == len(good)
    texts = [json.loads(request.body)["text"] for request in requests]
    for request in requests:
        assert (request.method, request.path) == ("POST", f"/services/{SLACK_PATH}")
        assert request_headers(request) == sorted(HTTP_HEADERS)
        assert json.loads(request.body).keys() == {"text", "blocks"}
    for attack in good.values():
        if attack.field == "content.text":
            assert any(same(text, attack) for text in texts), attack.name
    receiver.close()


def test_sms(make_rig) -> None:
    receiver = TwilioReceiver()
    environment = {
        "TWILIO_BASE_URL": receiver.url, "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT, "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_FROM": "+15005550006",
    }  # fmt: skip
    rig = make_rig("sms", environment)
    sent = list(attacks(notifications.sms, ("recipient.phone", "content.text")))
    good = deliver(rig, sent)
    requests = receiver.requests.all()
    assert len(requests) == len(good)
    bodies = []
    for request in requests:
        assert (request.method, request.path) == ("POST", receiver.path)
        assert request_headers(request) == sorted([*HTTP_HEADERS, "authorization"])
        form = parse_qsl(request.body.decode("ascii"), keep_blank_values=True, strict_parsing=True)
        assert [name for name, _ in form] == ["To", "From", "Body"]
        assert dict(form)["From"] == "+15005550006"
        bodies.append(dict(form)["Body"])
    phones = {a.notification["recipient"]["phone"] for a in good.values()}
    assert {dict(parse_qsl(request.body.decode()))["To"] for request in requests} == phones
    for attack in good.values():
        if attack.field == "content.text":
            assert any(same(body, attack) for body in bodies), attack.name
    assert not any(a.field == "recipient.phone" for a in good.values())
    receiver.close()


# A header takes none of these; everything else may stand in a subject.
CONTROL = set(map(chr, [*range(32), 127])) - {"\t"}


def test_events_through_templates(hub: Hub) -> None:
    """From the event on: the templates put the text into a subject, two sorts of body and an SMS."""
    sent = {sort: {"event_id": unique("hostile"), "title": text, "body": text} for sort, text in TEXTS.items()}
    for event in sent.values():
        event["recipient"] = {"email": new_address(), "phone": new_phone()}
        hub.publish(event | {"event_type": "test.plain"})
    for sort, event in sent.items():
        status = hub.status(event_id=event["event_id"], channel="email", final=True)
        if CONTROL & set(event["title"]):
            assert (status["status"], status["code"]) == ("failed", "bad_subject"), sort
        else:
            assert status["status"] == "sent", sort
            mail = hub.mail.mails.one(lambda mail: mail.recipients == [event["recipient"]["email"]])
            assert len(mail.message["to"].addresses) == 1 and mail.message["x-injected"] is None, sort
        status = hub.status(event_id=event["event_id"], channel="sms", final=True)
        assert status["status"] == "sent", sort
        [request] = hub.twilio.requests.wait(1, lambda r: dict(parse_qsl(r.body.decode()))["To"] == event["recipient"]["phone"])
        body = dict(parse_qsl(request.body.decode(), keep_blank_values=True))["Body"]
        assert body == event["body"] or "\ud800" in event["body"], sort


def test_events_whose_type_id_and_user_are_hostile(hub: Hub) -> None:
    sent = {}
    for sort, text in TEXTS.items():
        number, text = unique("event"), text[:5_000]  # three times in one record
        sent[sort] = {"event_type": f"test.prefixed.{text}", "event_id": f"{number} {text}", "user_id": text, "country": "CH"}
        hub.publish(sent[sort] | {"amount": 200, "number": number})
        sent[sort]["number"] = number
    for sort, event in sent.items():
        request = hub.webhook.requests.one(lambda r: event["number"].encode() in r.body)
        assert hub.webhook.fault(request) is None
        assert json.loads(request.body)["type"] == event["event_type"] or "\ud800" in event["event_type"], sort
        assert request_headers(request) == sorted([*HTTP_HEADERS, *WEBHOOK_HEADERS, "traceparent"]), sort
