"""Bad input to the channels' consumers: one dead letter with its reason, and the stream goes on."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from localhub.kafka import Broker, Record
from localhub.processes import Service
from support import notifications
from support.channels import CHANNELS, Channel
from support.config import ConfigFolder
from support.launcher import Launcher
from support.names import PLANTED_DOMAIN, PLANTED_PHONE, unique
from support.rig import Rig


class Line:
    """A channel's consumer, running, with a receiver that takes everything."""

    def __init__(self, name: str, channel: Channel, rig: Rig, service: Service, receiver: Any) -> None:
        self.name, self.channel, self.rig, self.service, self.receiver = name, channel, rig, service, receiver

    def good(self, **fields: Any) -> dict[str, Any]:
        return self.channel.notification(**fields)

    def goes_on(self) -> None:
        """A good notification is delivered; with one partition that is after everything before it was taken up."""
        good = self.good()
        self.rig.publish(good)
        assert self.rig.final_status(good)["status"] in ("sent", "delivered")
        assert self.service.running

    def letters(self, origin: Record) -> list[Record]:
        return [letter for letter in self.rig.dead_letters() if letter.key == origin.key]


@pytest.fixture(scope="module")
def lines(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Line]]:
    """The lines by their channel's name, each made when it is asked for."""
    made: dict[str, Line] = {}
    folder = tmp_path_factory.mktemp("bad")
    launcher = Launcher(folder)

    def line(name: str) -> Line:
        if name not in made:
            channel, config = CHANNELS[name], ConfigFolder(folder / name)
            config.edit("endpoints.yaml", lambda document: document["endpoints"]["sales"].update(rate="100/s"))
            receiver = channel.receive()
            rig = Rig(broker, launcher, config, name, channel.environment(receiver), partitions=1)
            made[name] = Line(name, channel, rig, rig.start(), receiver)
        return made[name]

    yield line
    assert launcher.stop_all() == []
    for line in made.values():
        assert line.rig.broker.lag(line.rig.group, line.rig.topic) == 0
        line.rig.close()
        line.receiver.close()


@pytest.fixture(params=CHANNELS)
def line(request: pytest.FixtureRequest, lines: Callable[[str], Line]) -> Line:
    return lines(request.param)


@pytest.fixture
def webhook(lines: Callable[[str], Line]) -> Line:
    return lines("webhook")


Make = Callable[[Line], bytes | None]


def with_fields(**fields: Any) -> Make:
    return lambda line: json.dumps(line.good() | fields).encode()


def without(name: str) -> Make:
    return lambda line: json.dumps({key: value for key, value in line.good().items() if key != name}).encode()


def of_another_channel(line: Line) -> bytes:
    other = notifications.sms() if line.name == "email" else notifications.email()
    return json.dumps(other).encode()


def to_a_list(line: Line) -> bytes:
    """10,000 recipients where one belongs."""
    good = line.good()
    [(field, one), *_] = good["recipient"].items()
    return json.dumps(good | {"recipient": {field: [one] * 10_000}}).encode()


MALFORMED: dict[str, Make] = {
    "not JSON": lambda line: b"hello",
    "empty value": lambda line: b"",
    "tombstone": lambda line: None,
    "invalid UTF-8": lambda line: json.dumps(line.good()).encode().replace(b"Hello", b"\xff\xfe").replace(b"ORD", b"\xc3"),
    "an array": lambda line: b"[]",
    "200 levels": lambda line: b'{"id":' + b"[" * 200 + b"]" * 200 + b"}",
    "no id": without("id"),
    "no event": without("event"),
    "no recipient": without("recipient"),
    "no content": without("content"),
    "an id that is a number": with_fields(id=7),
    "a recipient that is text": with_fields(recipient="orders"),
    "of another channel": of_another_channel,
    "a list of 10,000 recipients": to_a_list,
    "an expiry that is no time": with_fields(expires_at="in an hour"),
    "an expiry beyond the calendar": with_fields(expires_at="+99999-01-01T00:00:00Z"),
}


@pytest.mark.parametrize("make", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_goes_to_the_dead_letters_unchanged(line: Line, make: Make) -> None:
    value, key = make(line), unique("bad")
    origin = line.rig.publish_raw(value, key, [("x-own", b"\x00kept")])
    line.goes_on()
    [dead] = line.letters(line.rig.dead_letter(origin))
    assert (dead.header("x-dlq-error-class"), dead.header("x-dlq-error-stage")) == ("malformed", "decode")
    assert (dead.value, dead.headers[0]) == (value, ("x-own", b"\x00kept"))
    reason = dead.header("x-dlq-error-message") or ""
    assert reason != ""
    assert PLANTED_DOMAIN not in reason and PLANTED_PHONE not in reason


NOBODY = {
    "email": {"email": ",".join(f"user{number}@{PLANTED_DOMAIN}" for number in range(10_000))},
    "sms": {"phone": ",".join(f"{PLANTED_PHONE}{number}" for number in range(10_000))},
    "webhook": {"endpoint": "nowhere"},
    "slack": {"endpoint": "nowhere"},
}


def test_a_recipient_that_is_none(line: Line) -> None:
    """10,000 addresses in one text, or an endpoint that nobody knows: not sent to anybody, once a dead letter."""
    bad = line.good() | {"recipient": NOBODY[line.name]}
    [origin] = line.rig.publish(bad)
    line.goes_on()
    [dead] = line.letters(line.rig.dead_letter(origin))
    expected = "permanent" if line.name in ("email", "sms") else "unknown_endpoint"
    assert dead.header("x-dlq-error-class") == expected
    assert len(dead.header("x-dlq-error-message") or "") in range(1, 1025)
    status = line.rig.final_status(bad)
    assert (status["status"], status["class"], status["attempt"]) == ("failed", expected, 0)


@pytest.mark.real_broker("its limits are its own")
def test_a_body_of_5_mb(line: Line) -> None:
    """Too large for a notification, and for the dead letter topic: its beginning, and how much it was."""
    value = json.dumps(line.good()).encode() + b" " * 5_000_000
    key = unique("large")
    line.rig.publish_raw(value, key)
    line.goes_on()
    [dead] = line.rig.wait_dead_letters(lambda letter: letter.key == key.encode())
    assert dead.header("x-dlq-error-class") == "too_large"
    assert dead.header("x-dlq-truncated") == str(len(value))
    assert dead.value == value[:65_536]


def test_an_expired_notification_is_a_status_and_no_dead_letter(line: Line) -> None:
    for expiry in ("2026-11-01T00:00:00Z", "0001-01-01T00:00:00Z"):
        expired = line.good(expires_at=expiry)
        [origin] = line.rig.publish(expired)
        line.goes_on()
        status = line.rig.final_status(expired)
        assert (status["status"], status["attempt"]) == ("expired", 0)
        assert line.letters(origin) == []


def test_an_expiry_in_the_far_future_is_no_reason_to_wait(line: Line) -> None:
    good = line.good(expires_at="9999-12-31T23:59:59Z")
    line.rig.publish(good)
    assert line.rig.final_status(good)["status"] in ("sent", "delivered")


def test_a_url_of_an_event_is_not_called_unless_allowed(webhook: Line) -> None:
    bad = notifications.webhook() | {"recipient": {"url": f"{webhook.receiver.url}/event-url", "endpoint": "orders"}}
    [origin] = webhook.rig.publish(bad)
    webhook.goes_on()
    [dead] = webhook.letters(webhook.rig.dead_letter(origin))
    assert dead.header("x-dlq-error-class") in ("blocked", "permanent")
    assert webhook.receiver.requests.all(lambda request: request.path == "/event-url") == []


def test_many_bad_records_lose_no_good_one(webhook: Line) -> None:
    sent, keys = [notifications.webhook() for _ in range(20)], [unique("many").encode() for _ in range(20)]
    for notification, key in zip(sent, keys, strict=True):
        webhook.rig.publish_raw(b"no JSON", key.decode())
        webhook.rig.publish(notification)
    for notification in sent:
        assert webhook.rig.final_status(notification)["status"] == "delivered"
    letters = webhook.rig.wait_dead_letters(lambda letter: letter.key in keys, count=20)
    assert sorted(letter.key or b"" for letter in letters) == sorted(keys)
