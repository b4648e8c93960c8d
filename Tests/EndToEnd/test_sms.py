"""The SMS consumer against Twilio's API as the documentation tells it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from localhub.http_receiver import Answer
from localhub.providers import TWILIO_ACCOUNT, TwilioReceiver, twilio_error, twilio_form
from support import notifications
from support.names import TWILIO_TOKEN
from support.rig import Rig


@pytest.fixture
def twilio() -> Iterator[TwilioReceiver]:
    receiver = TwilioReceiver(token=TWILIO_TOKEN)
    yield receiver
    receiver.close()


@pytest.fixture
def rig(make_rig, twilio: TwilioReceiver) -> Rig:
    return make_rig(
        "sms",
        {
            "TWILIO_BASE_URL": twilio.url,
            "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "TWILIO_FROM": "+15005550006",
        },
    )


def test_form_and_authorization(rig: Rig, twilio: TwilioReceiver) -> None:
    rig.start()
    notification = notifications.sms(text="50 % off & more = fun + ü €")
    rig.publish(notification)
    [request] = twilio.requests.wait()
    assert twilio.fault(request) is None
    phone = notification["recipient"]["phone"]
    assert twilio_form(request) == {"To": phone, "From": "+15005550006", "Body": notification["content"]["text"]}
    status = rig.final_status(notification)
    assert status["status"] == "sent"
    assert "SM" in str(status["detail"])


SEGMENTS = {"160 GSM": ("a" * 160, 1), "161 GSM": ("a" * 161, 2), "70 UCS-2": ("ж" * 70, 1), "71 UCS-2": ("ж" * 71, 2), "escaped": ("€" * 81, 2)}


@pytest.mark.parametrize(("text", "segments"), SEGMENTS.values(), ids=SEGMENTS.keys())
def test_segments_are_in_the_status(rig: Rig, text: str, segments: int) -> None:
    rig.start()
    notification = notifications.sms(text=text)
    rig.publish(notification)
    assert rig.final_status(notification)["detail"]["segments"] == segments


@pytest.mark.parametrize("code", [21211, 21212, 21408, 21606, 21608, 21612, 21614, 21617])
def test_what_can_never_work_is_a_dead_letter(rig: Rig, twilio: TwilioReceiver, code: int) -> None:
    twilio.answer = lambda request: twilio_error(400, code, "no")
    rig.start()
    [origin] = rig.publish(notifications.sms())
    assert rig.dead_letter(origin).header("x-dlq-error-class") == "permanent"
    assert len(twilio.requests.all()) == 1


def test_an_unsubscribed_number_is_suppressed(rig: Rig, twilio: TwilioReceiver) -> None:
    twilio.answer = lambda request: twilio_error(400, 21610, "Attempt to send to unsubscribed recipient")
    rig.start()
    notification = notifications.sms()
    rig.publish(notification)
    assert rig.final_status(notification)["status"] == "suppressed"
    assert rig.dead_letters() == []


def test_too_many_requests_is_tried_again(rig: Rig, twilio: TwilioReceiver) -> None:
    answers = iter([twilio_error(429, 20429, "Too many requests", {"Retry-After": "1"})])
    twilio.answer = lambda request: next(answers, None) or twilio.respond(request)
    rig.start()
    notification = notifications.sms()
    rig.publish(notification)
    assert rig.final_status(notification)["status"] == "sent"
    first, second = twilio.requests.all()
    assert second.at - first.at >= 0.95


@pytest.mark.parametrize("status", [500, 503])
def test_a_server_error_is_in_doubt_and_never_sent_twice(rig: Rig, twilio: TwilioReceiver, status: int) -> None:
    twilio.answer = lambda request: Answer(status, b"oops")
    rig.start()
    notification = notifications.sms()
    [origin] = rig.publish(notification)
    assert rig.dead_letter(origin).header("x-dlq-error-class") == "in_doubt"
    assert rig.final_status(notification)["status"] == "ambiguous"
    assert len(twilio.requests.all()) == 1


def test_a_wrong_token_stops_the_channel_and_burns_no_message(rig: Rig, twilio: TwilioReceiver) -> None:
    service = rig.start(TWILIO_AUTH_TOKEN="wrong")
    sent = [notifications.sms() for _ in range(3)]
    rig.publish(*sent)
    twilio.requests.wait()
    assert service.stop() == 0
    assert rig.dead_letters() == []
    rig.start()
    for notification in sent:
        assert rig.final_status(notification)["status"] == "sent"


@pytest.mark.parametrize("phone", ["", "41795550000", "+0", "+4179555\r\nX", "call me", "+" + "1" * 20])
def test_a_phone_that_is_none_never_reaches_the_provider(rig: Rig, twilio: TwilioReceiver, phone: str) -> None:
    rig.start()
    bad = notifications.sms() | {"recipient": {"phone": phone}}
    good = notifications.sms()
    [origin, _] = rig.publish(bad, good, key="same")
    assert rig.dead_letter(origin).header("x-dlq-error-class") in ("malformed", "permanent")
    assert rig.final_status(good)["status"] == "sent"
    assert len(twilio.requests.all()) == 1
