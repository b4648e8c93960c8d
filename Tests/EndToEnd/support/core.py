"""A core alone, on topics of its own."""

from __future__ import annotations

import collections

from confluent_kafka.admin import NewTopic

from localhub.kafka import Broker, Record, TopicReader
from localhub.processes import Service
from localhub.waiting import wait_until

from .config import ConfigFolder
from .launcher import Launcher
from .names import unique


class Core:
    """One input, one channel: the events `user.registered` become mails."""

    def __init__(self, broker: Broker, launcher: Launcher, config: ConfigFolder, output_settings: dict[str, str] | None = None) -> None:
        self._broker = broker
        self._launcher = launcher
        self.input, self.output, self.dlq = (unique(f"e2e.core.{name}") for name in ("in", "email", "dlq"))
        broker.create_topics([NewTopic(name, 4, 1) for name in (self.input, self.dlq)])
        broker.create_topics([NewTopic(self.output, 4, 1, config=output_settings or {})])

        def topics(document: dict) -> None:
            document["topics"].update(inputs=[self.input], events_dlq=self.dlq)
            document["topics"]["notifications"]["email"] = self.output

        config.edit("core.yaml", topics)
        self.group = unique("e2e-core")
        self.environment = {
            "KAFKA_BROKERS": broker.address,
            "CONFIG_DIR": str(config.path),
            "KAFKA_GROUP_ID": self.group,
        }
        self.outputs = TopicReader(broker, [self.output, self.dlq])

    def start(self, ready: bool = True, **environment: str) -> Service:
        return self._launcher.start("core-service", self.environment | environment, ready=ready)

    def publish(self, run: str, numbers: range, **fields: str) -> None:
        """Events of a run, each with a key of its own."""
        self._broker.publish_all(
            [
                (
                    self.input,
                    {"event_type": "user.registered", "event_id": f"{run}-{number}", "email": f"{run}-{number}@recipient-leak.example"}
                    | fields,
                    f"{run}-{number}",
                    [],
                )
                for number in numbers
            ]
        )  # fmt: skip

    def of_run(self, run: str) -> list[Record]:
        """What a read_committed reader sees of a run of events."""
        return self.outputs.records.all(lambda r: run.encode() in (r.value or b""))

    def wait(self, run: str, count: int, what: str = "every notification", timeout: float = 60) -> None:
        wait_until(lambda: len(self.of_run(run)) >= count, what, timeout)

    def times(self, run: str) -> collections.Counter[str]:
        """How often each event of the run has become a notification."""
        return collections.Counter(record.json["event"]["id"] for record in self.of_run(run) if record.topic == self.output)


def once(run: str, count: int) -> dict[str, int]:
    """What `Core.times` must be."""
    return {f"{run}-{number}": 1 for number in range(count)}
