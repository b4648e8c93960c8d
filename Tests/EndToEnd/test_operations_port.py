"""The operations port under strangers: whoever asks, and however badly, the pipeline goes on."""

from __future__ import annotations

import contextlib
import re
import resource
import signal
import socket

import pytest
from confluent_kafka.admin import NewTopic

from localhub.http_receiver import HTTPReceiver
from localhub.kafka import Broker
from localhub.processes import EXECUTABLES, Service, free_port, run_once
from localhub.waiting import wait_until
from support import notifications
from support.config import ConfigFolder
from support.launcher import Launcher
from support.names import WEBHOOK_SECRET, unique
from support.rig import Rig


@pytest.fixture
def rig(make_rig, receiver: HTTPReceiver) -> Rig:
    return make_rig("webhook", {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})


def delivers(rig: Rig) -> None:
    sent = [notifications.webhook() for _ in range(20)]
    rig.publish(*sent)
    for notification in sent:
        assert rig.final_status(notification)["status"] == "delivered"


def connect(service: Service, request: bytes = b"") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", service.port), timeout=10)
    connection.sendall(request)
    return connection


@pytest.mark.parametrize("name", EXECUTABLES)
def test_a_taken_port_is_one_clear_sentence_and_78(name: str, config: ConfigFolder) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        settings = {
            "CONFIG_DIR": str(config.path), "METRICS_SERVER_ADDRESS": f"127.0.0.1:{port}", "LOG_FORMAT": "text",
            "SMTP_HOST": "127.0.0.1", "EMAIL_FROM": "hub@sender.example", "TWILIO_ACCOUNT_SID": "AC1",
            "TWILIO_AUTH_TOKEN": "t", "TWILIO_FROM": "+15005550006", "ORDERS_WEBHOOK_URL": "https://example.com/",
            "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET, "SLACK_WEBHOOK_URL": "https://example.com/",
        }  # fmt: skip
        result = run_once(name, environment=settings)
    assert result.returncode == 78
    errors = [line for line in result.stderr.splitlines() if " ERROR " in line]
    assert len(errors) == 1
    assert f"operations server: cannot listen on 127.0.0.1 port {port}: Address already in use" in errors[0]


@pytest.mark.parametrize("name", ["core-service", "webhook-consumer"])
@pytest.mark.parametrize("missing", ["broker", "topic"])
def test_readiness_says_what_a_start_waits_for(
    name: str, missing: str, config: ConfigFolder, launcher: Launcher, broker: Broker
) -> None:
    address = f"127.0.0.1:{free_port()}" if missing == "broker" else broker.address
    topic = unique("absent")
    config.edit("core.yaml", lambda document: document["topics"].update(inputs=[topic]))
    config.edit("webhook.yaml", lambda document: document["kafka"].update(topic=topic))
    service = launcher.start(
        name,
        {
            "CONFIG_DIR": str(config.path), "KAFKA_BROKERS": address, "KAFKA_GROUP_ID": topic,
            "ORDERS_WEBHOOK_URL": "https://example.com/", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
        },
        ready=False,
    )  # fmt: skip
    said = f"Kafka does not answer at {address}" if missing == "broker" else "Kafka has no topic "
    wait_until(lambda: said in service.get("/readyz")[1], "the reason")
    status, text = service.get("/readyz")
    assert status == 503 and (topic in text or missing == "broker")
    assert "notificationhub_ready 0" in service.get("/metrics")[1].splitlines()
    assert service.get("/livez")[0] == 200
    if missing == "topic":
        needed = re.search(r"no topic (.*)", text)[1].split(", ")
        broker.create_topics([NewTopic(name, 1, 1) for name in needed])
        service.wait_ready()
        assert "notificationhub_ready 1" in service.get("/metrics")[1].splitlines()
    assert service.stop() == 0


def test_a_client_that_never_reads_delays_nobody(rig: Rig) -> None:
    service = rig.start()
    asked = b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n"
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            # A hundred answers at once are more than the socket holds.
            stack.enter_context(connect(service, asked * 100))
            stack.enter_context(connect(service, b"GET /metr"))
        delivers(rig)
        assert service.get("/livez")[0] == 200
        assert service.get("/metrics")[0] == 200
    assert service.stop() == 0


def test_a_thousand_connections_take_nothing_from_the_pipeline(rig: Rig) -> None:
    service = rig.start()
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    files = service.metric("notificationhub_process_open_fds")
    with contextlib.ExitStack() as stack:
        for _ in range(1000):
            connection = stack.enter_context(socket.socket())
            connection.setblocking(False)
            connection.connect_ex(("127.0.0.1", service.port))
        delivers(rig)
        wait_until(lambda: service.get("/livez")[0] == 200, "an answer beside a thousand connections", 60)
    # They are gone: it answers again, and kept no file of them.
    service.wait_ready()
    assert service.metric("notificationhub_process_open_fds") < files + 50
    assert service.stop() == 0


def test_stopping_does_not_wait_for_a_client(rig: Rig) -> None:
    service = rig.start()
    with connect(service, b"GET /livez HTTP/1.1\r\n"):
        service.process.send_signal(signal.SIGTERM)
        assert service.wait(10) == 0
