"""Apache Kafka with TLS and passwords for clients, beside the plain port that the tests themselves use."""

from __future__ import annotations

import base64
import os
import subprocess
import uuid
from pathlib import Path

from confluent_kafka import KafkaException

from localhub.kafka import Broker
from localhub.processes import free_port
from localhub.waiting import wait_until

from .names import KAFKA_PASSWORD

USER = "notificationhub"
PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secure},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://localhost:{secure}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required user_{user}="{password}";
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
log.dirs={folder}/data
auto.create.topics.enable=false
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
group.initial.rebalance.delay.ms=0
"""


class SecureKafka:
    """`keystore` holds the broker's key and certificate in PEM; `secure_address` is for clients that know the password."""

    def __init__(self, home: Path, folder: Path, keystore: Path) -> None:
        folder.mkdir(parents=True)
        plain, secure, controller = free_port(), free_port(), free_port()
        self.broker_address, self.secure_address = f"127.0.0.1:{plain}", f"localhost:{secure}"
        properties = folder / "server.properties"
        properties.write_text(
            PROPERTIES.format(plain=plain, secure=secure, controller=controller, keystore=keystore, folder=folder, user=USER, password=KAFKA_PASSWORD)
        )
        environment = os.environ | {"LOG_DIR": str(folder / "logs"), "KAFKA_HEAP_OPTS": "-Xms128M -Xmx512M"}
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        subprocess.run(
            [home / "bin/kafka-storage.sh", "format", f"--cluster-id={cluster}", "--config", properties],
            env=environment, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        self._log = folder / "broker.log"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [home / "bin/kafka-server-start.sh", properties],
                env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        wait_until(self._answers, "the broker with TLS to answer", 120)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text(errors="replace")[-3000:]
        try:
            Broker(self.broker_address).admin.list_topics(timeout=1)
        except KafkaException:
            return False
        return True

    def close(self) -> None:
        """Its data is thrown away, so nothing waits for an orderly stop."""
        self._process.kill()
        self._process.wait()
