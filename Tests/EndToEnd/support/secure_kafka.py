"""Apache Kafka with TLS and passwords, or certificates, for clients, beside the plain port that the tests themselves use."""

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
# Accounts that may do nothing but what somebody allows them; `USER` may do everything.
BOUND_USERS = ("core", "email", "sms", "webhook", "slack", "operator")
PROPERTIES = """
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller}
listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://127.0.0.1:{secure},MUTUAL://127.0.0.1:{mutual},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{plain},SASL_SSL://localhost:{secure},MUTUAL://localhost:{mutual}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SASL_SSL:SASL_SSL,MUTUAL:SSL
listener.name.mutual.ssl.client.auth=required
listener.name.sasl_ssl.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-512
listener.name.sasl_ssl.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required {users};
listener.name.sasl_ssl.scram-sha-512.sasl.jaas.config=org.apache.kafka.common.security.scram.ScramLoginModule required;
ssl.keystore.type=PEM
ssl.keystore.location={keystore}
ssl.truststore.type=PEM
ssl.truststore.location={authority}
authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer
super.users=User:ANONYMOUS;User:{user};User:CN={user}
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
    """`keystore` holds the broker's key and certificate in PEM; `secure_address` is for clients that know the password,
    `mutual_address` for those that show a certificate of `authority`."""

    def __init__(self, home: Path, folder: Path, keystore: Path, authority: Path) -> None:
        folder.mkdir(parents=True)
        plain, secure, mutual, controller = free_port(), free_port(), free_port(), free_port()
        self.broker_address, self.secure_address = f"127.0.0.1:{plain}", f"localhost:{secure}"
        self.mutual_address = f"localhost:{mutual}"
        self._properties = folder / "server.properties"
        self._properties.write_text(
            PROPERTIES.format(
                plain=plain, secure=secure, mutual=mutual, controller=controller, keystore=keystore, authority=authority,
                folder=folder, user=USER,
                users=" ".join(f'user_{user}="{KAFKA_PASSWORD}"' for user in (USER, *BOUND_USERS)),
            )
        )  # fmt: skip
        self._home = home
        self._environment = os.environ | {"LOG_DIR": str(folder / "logs"), "KAFKA_HEAP_OPTS": "-Xms128M -Xmx512M"}
        cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        subprocess.run(
            [home / "bin/kafka-storage.sh", "format", f"--cluster-id={cluster}", "--config", self._properties]
            + [f"--add-scram=SCRAM-SHA-512=[name={USER},password={KAFKA_PASSWORD}]"],
            env=self._environment, check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        self._log = folder / "broker.log"
        self._start()

    def _start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [self._home / "bin/kafka-server-start.sh", self._properties],
                env=self._environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        wait_until(self._answers, "the broker with TLS to answer", 120)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text(errors="replace")[-3000:]
        try:
            Broker(self.broker_address).admin.list_topics(timeout=1)
        except KafkaException:
            return False
        return True

    def restart(self) -> None:
        self.close()
        self._start()

    def close(self) -> None:
        """Its data is thrown away, so nothing waits for an orderly stop."""
        self._process.kill()
        self._process.wait()
