"""TLS and SASL against Apache Kafka: the whole pipeline, and one clear sentence for each way to get it wrong.

PLAIN, since librdkafka before 2.6.1 says the nonce of SCRAM twice, which Kafka accepts no more from 3.8.1 on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from confluent_kafka.admin import NewTopic

from kafka_tool import read_topics
from localhub.certificates import Authority
from localhub.kafka import Broker
from localhub.processes import run_once
from support.config import ConfigFolder
from support.hub import Hub
from support.launcher import Launcher
from support.names import KAFKA_PASSWORD, WEBHOOK_SECRET, unique
from support.pipeline import prepare
from support.secure_kafka import USER, SecureKafka

pytestmark = pytest.mark.skipif("KAFKA_HOME" not in os.environ, reason="KAFKA_HOME, Apache Kafka's folder, is not set")


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def kafka(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SecureKafka]:
    keystore = authority.certificate("127.0.0.1", "localhost")
    kafka = SecureKafka(Path(os.environ["KAFKA_HOME"]), tmp_path_factory.mktemp("kafka") / "broker", keystore)
    yield kafka
    kafka.close()


def login(kafka: SecureKafka, ca: Path, password: Path) -> dict[str, str]:
    return {
        "KAFKA_BROKERS": kafka.secure_address,
        "KAFKA_SECURITY_PROTOCOL": "sasl_ssl",
        "KAFKA_SASL_MECHANISM": "PLAIN",
        "KAFKA_SASL_USERNAME": USER,
        "KAFKA_SASL_PASSWORD_FILE": str(password),
        "KAFKA_SSL_CA_LOCATION": str(ca),
    }


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "password"
    file.write_text(KAFKA_PASSWORD + "\n")
    return file


def test_the_whole_pipeline(
    kafka: SecureKafka, authority: Authority, password: Path, launcher: Launcher, config: ConfigFolder
) -> None:
    broker = Broker(kafka.broker_address)
    broker.create_topics([NewTopic(t.name, t.partitions, 1, config=t.config) for t in read_topics()])
    prepare(config)
    hub = Hub(broker, launcher, config, **login(kafka, authority.ca, password)).start()
    try:
        first, second = unique("event"), unique("event")
        hub.publish({"event_type": "order.created", "event_id": first, "user_id": "ada", "amount": 9.99})
        hub.publish({"event_type": "order.cancelled", "event_id": second, "user_id": "ada", "amount": 9.99})
        for event, channel, word in [
            (first, "email", "sent"), (first, "webhook", "delivered"), (first, "slack", "delivered"),
            (second, "email", "sent"), (second, "sms", "sent"),
        ]:  # fmt: skip
            assert hub.status(event_id=event, channel=channel, final=True)["status"] == word
        assert launcher.stop_all() == []
    finally:
        launcher.stop_all()
        hub.close()


@pytest.mark.parametrize("name", ["core-service", "webhook-consumer"])
@pytest.mark.parametrize("fault", ["password", "authority"])
def test_what_is_wrong_is_said(
    name: str, fault: str, kafka: SecureKafka, authority: Authority, password: Path, config: ConfigFolder, tmp_path: Path
) -> None:
    ca = authority.ca
    if fault == "password":
        password.write_text("wrong-password-9b1f")
    else:
        ca = Authority(tmp_path).ca
    file = "core.yaml" if name == "core-service" else "webhook.yaml"
    config.edit(file, lambda document: document.update(startup_timeout="3s"))
    environment = login(kafka, ca, password) | {
        "CONFIG_DIR": str(config.path),
        "METRICS_SERVER_ADDRESS": "off",
        "ORDERS_WEBHOOK_URL": "https://hooks.example/orders",
        "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
    }
    result = run_once(name, environment=environment, timeout=60)
    assert result.returncode == 69
    last = [line for line in result.stderr.splitlines() if '"level":"error"' in line][-1]
    sentence = {
        "password": "the broker refuses sasl.username and sasl.password",
        "authority": "TLS fails, see security.protocol and ssl.ca.location",
    }[fault]
    assert sentence in last
    assert "wrong-password-9b1f" not in result.stderr
