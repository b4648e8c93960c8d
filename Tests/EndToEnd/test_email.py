"""The email consumer against aiosmtpd, its mails read by Python's email package."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from localhub.certificates import Authority
from localhub.smtp_receiver import Mail, SMTPReceiver
from support import notifications
from support.names import SMTP_PASSWORD, new_address, unique
from support.rig import Rig

SENDER = {"EMAIL_FROM": "Shop Zürich <hello@sender.example>"}


@pytest.fixture
def receiver() -> Iterator[SMTPReceiver]:
    receiver = SMTPReceiver()
    yield receiver
    receiver.close()


def settings(receiver: SMTPReceiver, tls: str = "off", **more: str) -> dict[str, str]:
    return SENDER | {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(receiver.port), "SMTP_TLS": tls} | more


@pytest.fixture
def rig(make_rig, receiver: SMTPReceiver) -> Rig:
    return make_rig("email", settings(receiver))


def mail_to(receiver: SMTPReceiver, notification: dict[str, Any]) -> Mail:
    address = notification["recipient"]["email"]
    return receiver.mails.one(lambda mail: address in mail.recipients, what=f"mail to {address}")


def test_a_mail_as_a_mail_program_reads_it(rig: Rig, receiver: SMTPReceiver) -> None:
    rig.start()
    text = "Grüezi Ada,\n\n.a line with a dot\n..\nFrom here on 🚀\n" + "long " * 400
    notification = notifications.email(subject="Größe & Güte 🚀 " + "é" * 90, text=text, html="<p>Grüezi <b>Ada</b></p>", name="Ada Löwe")
    rig.publish(notification)
    mail = mail_to(receiver, notification)
    message = mail.message
    assert message.defects == []
    assert message["subject"] == notification["content"]["subject"]
    assert message["to"].addresses[0].addr_spec == notification["recipient"]["email"]
    assert message["to"].addresses[0].display_name == "Ada Löwe"
    assert (message["from"].addresses[0].addr_spec, message["from"].addresses[0].display_name) == ("hello@sender.example", "Shop Zürich")
    assert message["message-id"] == f"<{notification['id']}@sender.example>"
    assert parsedate_to_datetime(message["date"]).tzinfo is not None
    assert message["mime-version"] == "1.0"
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]
    assert mail.part("plain").replace("\r\n", "\n").rstrip("\n") == text.rstrip("\n")
    assert mail.part("html").rstrip() == notification["content"]["html"]
    assert mail.sender == "hello@sender.example"
    assert all(len(line) <= 998 for line in mail.content.split(b"\r\n"))
    status = rig.final_status(notification)
    assert status["status"] == "sent"
    assert "250" in str(status["code"]) + str(status["detail"])


def test_text_alone_is_one_part(rig: Rig, receiver: SMTPReceiver) -> None:
    rig.start()
    notification = notifications.email(text="only text")
    rig.publish(notification)
    assert mail_to(receiver, notification).message.get_content_type() == "text/plain"


def test_connections_are_used_again(rig: Rig, receiver: SMTPReceiver) -> None:
    rig.start(WORKER_POOL_SIZE="4")
    sent = [notifications.email() for _ in range(60)]
    rig.publish(*sent)
    receiver.mails.wait(60)
    assert len(receiver.sessions.all()) <= 8


def test_starttls_with_a_certificate_and_auth(make_rig, authority: Authority) -> None:
    receiver = SMTPReceiver(tls=authority.context, login=("ada", SMTP_PASSWORD))
    rig = make_rig("email", settings(receiver, "starttls", SMTP_USERNAME="ada", SMTP_PASSWORD=SMTP_PASSWORD))
    trust(rig, authority.ca)
    rig.start()
    notification = notifications.email()
    rig.publish(notification)
    mail = mail_to(receiver, notification)
    assert (mail.tls, mail.login) == (True, "ada")
    receiver.close()


def test_implicit_tls(make_rig, authority: Authority, tmp_path: Path) -> None:
    receiver = SMTPReceiver(tls=authority.context, implicit_tls=True)
    rig = make_rig("email", settings(receiver, "tls"))
    trust(rig, authority.ca)
    rig.start()
    notification = notifications.email()
    rig.publish(notification)
    assert mail_to(receiver, notification).tls
    receiver.close()


def trust(rig: Rig, ca: Path) -> None:
    rig.config.edit("email.yaml", lambda document: document.setdefault("smtp", {}).update(ca_file=str(ca)))


def test_a_certificate_nobody_vouches_for_is_refused(make_rig, authority: Authority) -> None:
    receiver = SMTPReceiver(tls=authority.context)
    rig = make_rig("email", settings(receiver, "starttls", MAX_RETRIES="1"))
    rig.start()
    notification = notifications.email()
    rig.publish(notification)
    assert rig.statuses(notification)[0]["status"] in ("retrying", "failed")
    assert receiver.mails.all() == []
    receiver.close()


def test_starttls_is_required_unless_it_is_off(make_rig, receiver: SMTPReceiver) -> None:
    rig = make_rig("email", settings(receiver, "starttls", MAX_RETRIES="1"))
    rig.start()
    notification = notifications.email()
    rig.publish(notification)
    assert rig.statuses(notification)[0]["status"] in ("retrying", "failed")
    assert receiver.mails.all() == []


def test_the_password_comes_from_a_file(make_rig, authority: Authority, tmp_path: Path) -> None:
    receiver = SMTPReceiver(tls=authority.context, login=("ada", SMTP_PASSWORD))
    secret = tmp_path / "password"
    secret.write_text(SMTP_PASSWORD + "\n")
    rig = make_rig("email", settings(receiver, "starttls", SMTP_USERNAME="ada", SMTP_PASSWORD_FILE=str(secret)))
    trust(rig, authority.ca)
    rig.start()
    notification = notifications.email()
    rig.publish(notification)
    assert mail_to(receiver, notification).login == "ada"
    receiver.close()


def test_a_wrong_password_stops_the_channel_and_burns_no_mail(make_rig, authority: Authority) -> None:
    receiver = SMTPReceiver(tls=authority.context, login=("ada", SMTP_PASSWORD))
    rig = make_rig("email", settings(receiver, "starttls", SMTP_USERNAME="ada", SMTP_PASSWORD="not the password"))
    trust(rig, authority.ca)
    service = rig.start()
    sent = [notifications.email() for _ in range(5)]
    rig.publish(*sent)
    receiver.sessions.wait(1)
    assert service.stop() == 0
    assert rig.dead_letters() == []
    rig.start(SMTP_PASSWORD=SMTP_PASSWORD)
    for notification in sent:
        mail_to(receiver, notification)
    receiver.close()


def test_4xx_is_tried_again(rig: Rig, receiver: SMTPReceiver) -> None:
    receiver.on_recipient = lambda address, attempt: "451 4.3.0 try again later" if attempt < 3 else None
    rig.start()
    notification = notifications.email()
    rig.publish(notification)
    mail_to(receiver, notification)
    assert rig.final_status(notification)["attempt"] == 3


@pytest.mark.parametrize("stage", ["recipient", "data"])
def test_5xx_is_a_dead_letter(rig: Rig, receiver: SMTPReceiver, stage: str) -> None:
    refused = new_address("unknown")
    setattr(receiver, f"on_{stage}", lambda address, attempt: "550 5.1.1 no such user" if address == refused else None)
    rig.start()
    bad, good = notifications.email(refused), notifications.email()
    [origin, _] = rig.publish(bad, good, key="same")
    dead = rig.dead_letter(origin)
    assert dead.header("x-dlq-error-class") == "permanent"
    assert "550" in (dead.header("x-dlq-error-code") or "") + (dead.header("x-dlq-error-message") or "")
    assert refused not in str(dead.headers)
    mail_to(receiver, good)
    assert rig.final_status(bad)["status"] == "failed"


def test_a_server_that_is_slow_to_answer_does_not_stop_the_others(rig: Rig, receiver: SMTPReceiver) -> None:
    """Every connection waits at the end of its data at the same time; none waits for another."""
    receiver.gate = threading.Event()
    rig.start(WORKER_POOL_SIZE="8")
    sent = [notifications.email() for _ in range(8)]
    rig.publish(*sent)
    receiver.sessions.wait(4)
    receiver.gate.set()
    for notification in sent:
        mail_to(receiver, notification)


def test_a_mail_outside_ascii_addresses(rig: Rig, receiver: SMTPReceiver) -> None:
    rig.start()
    notification = notifications.email(f"jörg-{unique('x')}@recipient-leak.example")
    rig.publish(notification)
    mail_to(receiver, notification)


BROKEN = {
    "CR and LF in the address": {"recipient": {"email": "a@recipient-leak.example\r\nBcc: b@recipient-leak.example"}},
    "CR and LF in the name": {"recipient": {"email": "a@recipient-leak.example", "name": "A\r\nBcc: b@recipient-leak.example"}},
    "CR and LF in the subject": {"content": {"subject": "Hi\r\nBcc: b@recipient-leak.example", "text": "t"}},
}


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN.keys())
def test_line_breaks_never_become_headers(rig: Rig, receiver: SMTPReceiver, change: dict[str, Any]) -> None:
    rig.start()
    bad = notifications.email() | change
    good = notifications.email()
    rig.publish(bad, good, key="same")
    mail_to(receiver, good)
    rig.final_status(bad)
    for mail in receiver.mails.all():
        assert mail.message["bcc"] is None
        assert len(mail.recipients) == 1
