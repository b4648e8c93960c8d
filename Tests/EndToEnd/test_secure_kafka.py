"""TLS with passwords or certificates against Apache Kafka: the whole pipeline, and one clear sentence for each way to
get it wrong."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import confluent_kafka
import pytest
from confluent_kafka.admin import NewTopic

from kafka_tool import read_topics
from localhub.certificates import Authority
from localhub.http_receiver import Answer
from localhub.kafka import Broker
from localhub.processes import EXECUTABLES, ROOT, run_once
from support.config import ConfigFolder
from support.hub import Hub
from support.launcher import Launcher
from support.names import KAFKA_PASSWORD, WEBHOOK_SECRET, unique
from support.notifyctl import Notifyctl
from support.pipeline import prepare
from support.secure_kafka import USER, SecureKafka

pytestmark = pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME, Apache Kafka's folder, is not set")


@pytest.fixture(scope="module")
def kafka(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    keystore = authority.certificate("127.0.0.1", "localhost")
    kafka = SecureKafka(Path(os.environ["KAFKA_HOME"]), tmp_path_factory.mktemp("kafka") / "broker", keystore, authority.ca)
    yield kafka
    kafka.close()


def login(kafka: SecureKafka, ca: Path, password: Path) -> dict[str, str]:
    """With PLAIN, which every librdkafka can; before 2.6.1 it says the nonce of SCRAM twice, which Kafka accepts no more
    since 4.0."""
    return {
        "KAFKA_BROKERS": kafka.secure_address,
        "KAFKA_SECURITY_PROTOCOL": "sasl_ssl",
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD_FILE": str(password),
        "KAFKA_SSL_CA_LOCATION": str(ca),
    }


def certificate_login(kafka: SecureKafka, ca: Path, certificate: Path) -> dict[str, str]:
    return {
        "KAFKA_BROKERS": kafka.mutual_address,
        "KAFKA_SECURITY_PROTOCOL": "ssl",
        "KAFKA_SSL_CA_LOCATION": str(ca),
        "KAFKA_SSL_CERTIFICATE_LOCATION": str(certificate),
        "KAFKA_SSL_KEY_LOCATION": str(certificate),
    }


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(KAFKA_PASSWORD + "\n")
    return file


@pytest.mark.parametrize("way", ["password", "certificate", "scram"])
def test_the_whole_pipeline(
    way: str, kafka: SecureKafka, authority: Authority, password: Path, launcher: Launcher, config: ConfigFolder,
    newer_librdkafka: dict[str, str],
) -> None:  # fmt: skip
    broker = Broker(kafka.broker_address)
    broker.create_topics([NewTopic(t.name, t.partitions, 1, config=t.config) for t in read_topics()])
    prepare(config)
    variables = {
        "password": lambda: login(kafka, authority.ca, password),
        "certificate": lambda: certificate_login(kafka, authority.ca, authority.certificate("notificationhub")),
        "scram": lambda: login(kafka, authority.ca, password) | newer_librdkafka | {"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"},
    }[way]()
    hub = Hub(broker, launcher, config, **variables).start()
    try:
        for name, service in hub.services.items():
            # Which librdkafka it is that this shows something of.
            loaded = Path(f"/proc/{service.process.pid}/maps").read_text()
            assert "librdkafka" in loaded and ("confluent_kafka.libs/" in loaded) == (way == "scram")
            warns = '"librdkafka_may_hang"' in service.output()
            assert warns == (name == "core-service" and way == "scram" and confluent_kafka.libversion()[1] >= 0x020A0000)
        first, second = unique("event"), unique("event")
        hub.publish({"event_type": "order.created", "event_id": first, "user_id": "ada", "amount": 9.99})
        hub.publish({"event_type": "order.cancelled", "event_id": second, "user_id": "ada", "amount": 9.99})
        for event, channel, word in [
            (first, "email", "sent"), (first, "webhook", "delivered"), (first, "slack", "delivered"),
            (second, "email", "sent"), (second, "sms", "sent"),
        ]:  # fmt: skip
            assert hub.status(event_id=event, channel=channel, final=True)["status"] == word
        operator = Notifyctl(None, CONFIG_DIR=str(config.path), **variables)
        assert len(operator.json("status", "get", first)) >= 3
        assert launcher.stop_all() == []
    finally:
        launcher.stop_all()
        hub.close()


def test_logs_in_again_after_the_broker_was_away(
    kafka: SecureKafka, authority: Authority, password: Path, launcher: Launcher, config: ConfigFolder
) -> None:
    """Even where the credentials are set again for every record, which is how an old librdkafka is told to fetch on."""
    broker = Broker(kafka.broker_address)
    broker.create_topics([NewTopic(t.name, t.partitions, 1, config=t.config) for t in read_topics()])
    prepare(config)
    services = {"core-service": "core.yaml", "webhook-consumer": "webhook.yaml"}
    for file in services.values():
        config.edit(file, lambda document: document["kafka"].update({"queued.min.messages": 1}))
    hub = Hub(broker, launcher, config, **login(kafka, authority.ca, password)).start(*services)

    def expect_deliveries() -> None:
        events = [unique("event") for _ in range(20)]
        for event in events:
            hub.publish({"event_type": "order.created", "event_id": event, "user_id": "ada", "order_id": "1", "amount": 9.99})
        for event in events:
            assert hub.status(event_id=event, channel="webhook", final=True, timeout=60)["status"] == "delivered"

    try:
        expect_deliveries()
        kafka.restart()
        expect_deliveries()
        assert launcher.stop_all() == []
    finally:
        launcher.stop_all()
        hub.close()


def test_accounts_need_no_more_than_the_documentation_gives_them(
    kafka: SecureKafka, authority: Authority, password: Path, launcher: Launcher, config: ConfigFolder
) -> None:
    """Every process and the operator with an account of its own, and the rights that docs/OPERATIONS.md lists."""
    broker = Broker(kafka.broker_address)
    broker.create_topics([NewTopic(t.name, t.partitions, 1, config=t.config) for t in read_topics()])
    [commands] = re.findall(r"```sh\n(acl\(\).*?)```", (ROOT / "docs/OPERATIONS.md").read_text(), re.DOTALL)
    path = f"{os.environ['KAFKA_HOME']}/bin:{os.environ['PATH']}"
    given = subprocess.run(
        ["bash", "-e", "-c", commands], env=os.environ | {"PATH": path, "KAFKA_BROKERS": kafka.broker_address},
        capture_output=True, text=True, timeout=240,
    )  # fmt: skip
    assert given.returncode == 0, given.stdout + given.stderr
    prepare(config)
    hub = Hub(broker, launcher, config, **login(kafka, authority.ca, password))
    operator = Notifyctl(None, CONFIG_DIR=str(config.path), **login(kafka, authority.ca, password))
    operator.environment["KAFKA_SASL_USERNAME"] = "operator"
    try:
        for name in EXECUTABLES:
            hub.environment["KAFKA_SASL_USERNAME"] = name.split("-")[0]
            hub.start(name)
        event, bad = unique("event"), unique("event")
        operator.json("send", "order.created", f"event_id={event}", "user_id=ada", "order_id=1", "amount=9.99")
        for channel, word in [("email", "sent"), ("webhook", "delivered"), ("slack", "delivered")]:
            assert hub.status(event_id=event, channel=channel, final=True)["status"] == word
        hub.webhook.answer = lambda request: Answer(404)
        hub.publish({"event_type": "order.created", "event_id": bad, "user_id": "ada", "order_id": "2", "amount": 9.99})
        hub.channel_dead_letter("webhook", bad)
        hub.dead_event(broker.publish("order.events", {"no": "type"}))
        assert len(operator.json("status", "get", event)) >= 3
        assert operator("dlq", "redrive", "webhook", "--yes").code == 0
        assert operator("dlq", "purge", "events", "--yes").code == 0
        assert operator("topics", "apply").code == 0
        assert operator("dry-run", "--from", "1h").code == 0
        assert launcher.stop_all() == []
    finally:
        launcher.stop_all()
        hub.close()


SCRAM = "cannot do SCRAM-SHA-512 with Kafka 4: use PLAIN over TLS, a client certificate, or librdkafka 2.6.1"
CERTIFICATE = "the broker refuses our certificate, see ssl.certificate.location and ssl.key.location"
SENTENCES = {
    "password": "the broker refuses sasl.username and sasl.password",
    # With a librdkafka that can, this finds no fault: then nothing has to be said any more.
    "scram": SCRAM,
    "authority": "TLS fails, see security.protocol and ssl.ca.location",
    "no certificate": CERTIFICATE,
    "foreign certificate": CERTIFICATE,
}


@pytest.fixture
def faulty(
    request: pytest.FixtureRequest, kafka: SecureKafka, authority: Authority, password: Path, tmp_path: Path
) -> dict[str, str]:
    """Variables with the fault that the test names."""
    fault = request.param
    if fault == "password":
        password.write_text("wrong-password-9b1f")
    if fault == "no certificate":
        return login(kafka, authority.ca, password) | {
            "KAFKA_BROKERS": kafka.mutual_address, "KAFKA_SECURITY_PROTOCOL": "ssl"
        }  # fmt: skip
    if fault == "foreign certificate":
        return certificate_login(kafka, authority.ca, Authority(tmp_path).certificate("notificationhub"))
    variables = login(kafka, Authority(tmp_path).ca if fault == "authority" else authority.ca, password)
    return variables | ({"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512"} if fault == "scram" else {})


@pytest.mark.parametrize("name", ["core-service", "webhook-consumer"])
@pytest.mark.parametrize(("faulty", "sentence"), SENTENCES.items(), ids=SENTENCES.keys(), indirect=["faulty"])
def test_what_is_wrong_is_said(name: str, faulty: dict[str, str], sentence: str, config: ConfigFolder) -> None:
    file = "core.yaml" if name == "core-service" else "webhook.yaml"
    config.edit(file, lambda document: document.update(startup_timeout="3s"))
    environment = faulty | {
        "CONFIG_DIR": str(config.path),
        "METRICS_SERVER_ADDRESS": "off",
        "ORDERS_WEBHOOK_URL": "https://hooks.example/orders",
        "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    result = run_once(name, environment=environment, timeout=60)
    assert result.returncode == 69
    last = [line for line in result.stderr.splitlines() if '"level":"error"' in line][-1]
    assert sentence in last
    assert "wrong-password-9b1f" not in result.stderr


@pytest.mark.parametrize(("faulty", "sentence"), SENTENCES.items(), ids=SENTENCES.keys(), indirect=["faulty"])
def test_the_operator_is_told_the_same(faulty: dict[str, str], sentence: str, config: ConfigFolder) -> None:
    result = run_once("notifyctl", "dlq", "ls", environment=faulty | {"CONFIG_DIR": str(config.path)}, timeout=60)
    assert result.returncode == 69
    assert sentence in result.stderr and "wrong-password-9b1f" not in result.stderr


def test_a_certificate_without_its_key_is_a_fault_of_the_configuration(authority: Authority) -> None:
    result = run_once("core-service", "--check", environment={"KAFKA_SSL_CERTIFICATE_LOCATION": str(authority.ca)})
    assert result.returncode == 78
    assert "ssl.key.location: is missing: a certificate and its key go together" in result.stderr
