"""Everything that can go wrong while a secret is at hand, at the most talkative log level, with peers that repeat what they
were told. test_logs.py then searches what was said about it."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from localhub.http_receiver import Answer, HTTPReceiver, Request
from localhub.processes import free_port
from localhub.providers import TWILIO_ACCOUNT, twilio_form
from localhub.smtp_receiver import SMTPReceiver
from support import notifications
from support.names import HEADER_TOKEN, SASL_PASSWORD, SLACK_PATH, SMTP_PASSWORD, TWILIO_TOKEN, URL_TOKEN, WEBHOOK_SECRET


def repeating(status: int, **headers: str) -> HTTPReceiver:
    """Answers with everything it was sent, in the body and in headers."""

    def answer(request: Request) -> Answer:
        told = f"{request.path} {dict(request.headers)} {request.body!r}"
        return Answer(status, told.encode(), {"X-Told": json.dumps(told), "Location": f"http://127.0.0.1{request.path}"} | headers)

    return HTTPReceiver(f"repeats with {status}", answer)


@pytest.fixture
def urls() -> Iterator[dict[str, str]]:
    """Addresses by the code of the first status that a request to them must lead to."""
    receivers = {f"http_{status}": repeating(status) for status in (302, 400, 500)}
    garbage = socket.create_server(("127.0.0.1", 0))
    thread = threading.Thread(target=_repeat_garbage, args=(garbage,), daemon=True)
    thread.start()
    plain = f"127.0.0.1:{receivers['http_400'].port}"
    yield {code: receiver.url for code, receiver in receivers.items()} | {
        "connect": f"http://127.0.0.1:{free_port()}", "tls": f"https://{plain}", "dns": "https://no-such-name.invalid",
        "blocked": "https://10.255.255.1", "reset": f"http://127.0.0.1:{garbage.getsockname()[1]}",
    }  # fmt: skip
    # A close alone would leave the thread in accept.
    garbage.shutdown(socket.SHUT_RDWR)
    garbage.close()
    for receiver in receivers.values():
        receiver.close()


def _repeat_garbage(server: socket.socket) -> None:
    while True:
        try:
            connection, _ = server.accept()
        except OSError:
            return
        with connection:
            connection.sendall(b"NOT HTTP " + connection.recv(65536).replace(b"\r\n", b" ") + b"\r\n")


def test_http_endpoints(make_rig, urls: dict[str, str]) -> None:
    for channel, path, make in (
        ("webhook", f"/hook/{URL_TOKEN}?key={URL_TOKEN}", notifications.webhook),
        ("slack", f"/services/{SLACK_PATH}", notifications.slack),
    ):
        variables = {f"URL_{code.upper()}": url + path for code, url in urls.items()}
        own = {"webhook": {"secrets": [WEBHOOK_SECRET]}, "slack": {"rate": "100/s"}}[channel]
        rig = make_rig(channel, variables | {"MAX_RETRIES": "1", "LOG_LEVEL": "debug"})

        def endpoints(document: dict, channel: str = channel, own: dict = own) -> None:
            document["endpoints"] = {
                code: {"channel": channel, "url": f"${{URL_{code.upper()}}}", "headers": {"Authorization": f"Bearer {HEADER_TOKEN}"}} | own
                for code in urls
            }

        rig.config.edit("endpoints.yaml", endpoints)
        rig.start()
        sent = {code: make(code) for code in urls}
        rig.publish(*sent.values())
        assert {code: rig.statuses(notification)[0]["code"] for code, notification in sent.items()} == {code: code for code in urls}


@pytest.mark.parametrize("status", [400, 401, 500])
def test_sms_provider(make_rig, status: int) -> None:
    def answer(request: Request) -> Answer:
        told = f"{twilio_form(request)} {request.header_map['authorization']} {TWILIO_TOKEN}"
        return Answer(status, json.dumps({"code": 21211, "message": told, "more_info": told, "status": status}).encode())

    receiver = HTTPReceiver("Twilio repeats", answer)
    environment = {
        "TWILIO_BASE_URL": receiver.url, "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT, "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
        "TWILIO_FROM": "+15005550006", "LOG_LEVEL": "debug",
    }  # fmt: skip
    rig = make_rig("sms", environment)
    service = rig.start()
    rig.publish(notifications.sms())
    receiver.requests.wait(1)
    assert service.stop() == 0
    receiver.close()


def test_mail_server(make_rig) -> None:
    receiver = SMTPReceiver(login=("ada", SMTP_PASSWORD))
    receiver.on_recipient = lambda address, attempt: f"550 5.1.1 <{address}> {SMTP_PASSWORD} unknown"
    environment = {"SMTP_HOST": "127.0.0.1", "SMTP_TLS": "off", "EMAIL_FROM": "hello@sender.example", "LOG_LEVEL": "debug"}
    login = {"SMTP_USERNAME": "ada", "SMTP_PASSWORD": SMTP_PASSWORD}
    rig = make_rig("email", environment | login | {"SMTP_PORT": str(receiver.port)})
    service = rig.start()
    notification = notifications.email(name="Ada")
    rig.publish(notification)
    assert rig.final_status(notification)["code"] == "smtp_550"
    assert service.stop() == 0
    receiver.close()


def test_mail_server_that_refuses_the_password(make_rig) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        asked = threading.Event()

        def serve() -> None:
            connection, _ = server.accept()
            with connection, connection.makefile("rwb", buffering=0) as lines:
                lines.write(b"220 repeats ESMTP\r\n")
                lines.readline()
                lines.write(b"250-repeats\r\n250 AUTH PLAIN\r\n")
                told = lines.readline().strip()
                if told == b"AUTH PLAIN":
                    lines.write(b"334 \r\n")
                    told = lines.readline().strip()
                lines.write(b"535 5.7.8 no: " + told + b" " + SMTP_PASSWORD.encode() + b"\r\n")
                asked.set()
                lines.readline()

        threading.Thread(target=serve, daemon=True).start()
        environment = {"SMTP_HOST": "127.0.0.1", "SMTP_PORT": str(server.getsockname()[1]), "SMTP_TLS": "off"}
        login = {"EMAIL_FROM": "hello@sender.example", "SMTP_USERNAME": "ada", "SMTP_PASSWORD": SMTP_PASSWORD}
        rig = make_rig("email", environment | login | {"LOG_LEVEL": "debug"})
        service = rig.start()
        rig.publish(notifications.email())
        assert asked.wait(20)
        service.wait_log("535")
        assert service.stop() == 0


def test_broker_that_refuses_the_password(make_rig) -> None:
    rig = make_rig("webhook", {"ORDERS_WEBHOOK_URL": "https://127.0.0.1/", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})
    rig.config.edit("webhook.yaml", lambda document: document.update(startup_timeout="2s"))
    service = rig.start(
        ready=False, KAFKA_SECURITY_PROTOCOL="sasl_plaintext", KAFKA_SASL_MECHANISM="PLAIN", KAFKA_SASL_USERNAME="hub",
        KAFKA_SASL_PASSWORD=SASL_PASSWORD, LOG_LEVEL="debug",
    )  # fmt: skip
    assert service.wait() == 69
