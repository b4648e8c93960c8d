"""Kafka access by confluent-kafka: publishing, and reading topics as they grow."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from .waiting import Inbox, wait_until

QUIET: dict[str, object] = {"log_level": 0, "error_cb": lambda error: None}
NO_LEADER = (KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.LEADER_NOT_AVAILABLE, KafkaError.UNKNOWN_TOPIC_OR_PART)
Headers = list[tuple[str, bytes]]


@dataclass(frozen=True)
class Record:
    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Headers = field(repr=False)

    @property
    def json(self) -> dict:
        return json.loads(self.value or b"null")

    @property
    def header_map(self) -> dict[str, bytes]:
        return dict(self.headers)

    def header(self, name: str) -> str | None:
        value = self.header_map.get(name)
        return None if value is None else value.decode()


def record_of(message: Message) -> Record:
    return Record(
        message.topic(), message.partition(), message.offset(), message.timestamp()[1],
        message.key(), message.value(), list(message.headers() or []),
    )  # fmt: skip


class Broker:
    """A Kafka cluster by its address."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.admin = AdminClient({"bootstrap.servers": address} | QUIET)
        self._producer = Producer(
            {
                "bootstrap.servers": address,
                "partitioner": "murmur2_random",
                "message.max.bytes": 8_000_000,
                "linger.ms": 0,
                "enable.idempotence": True,
            }
            | QUIET
        )

    def create_topics(self, topics: list[NewTopic]) -> None:
        """Makes the topics that are missing."""
        present = self.admin.list_topics(timeout=10).topics
        missing = [topic for topic in topics if topic.topic not in present]
        if missing:
            for result in self.admin.create_topics(missing, request_timeout=30).values():
                result.result()
            wait_until(lambda: self._have_leaders(missing), "the new topics to have leaders")

    def _have_leaders(self, topics: list[NewTopic]) -> bool:
        present = self.admin.list_topics(timeout=10).topics
        return all(
            topic.topic in present and all(part.leader >= 0 for part in present[topic.topic].partitions.values())
            for topic in topics
        )

    def publish(
        self,
        topic: str,
        value: bytes | str | dict | None,
        key: str | bytes | None = None,
        headers: Headers | None = None,
        partition: int = -1,
    ) -> Record:
        """Writes one record and returns it with its place, once the broker has it."""
        return self.publish_all([(topic, value, key, headers or [])], partition)[0]

    def publish_all(self, records: list[tuple], partition: int = -1) -> list[Record]:
        placed: dict[int, Record] = {}
        failures: list[str] = []

        def delivered(index: int) -> Callable:
            def report(error: object, message: Message) -> None:
                if error is not None:
                    failures.append(str(error))
                else:
                    placed[index] = record_of(message)

            return report

        for index, (topic, value, key, headers) in enumerate(records):
            body = json.dumps(value) if isinstance(value, dict) else value
            self._producer.produce(
                topic, body, key=key, headers=headers, partition=partition, on_delivery=delivered(index)
            )
            self._producer.poll(0)
        self._producer.flush(30)
        if failures or len(placed) < len(records):
            raise AssertionError(f"publishing failed: {failures[:1] or 'no answer'}")
        return [placed[index] for index in range(len(records))]

    def read_all(self, topics: list[str], timeout: float = 60) -> list[Record]:
        """Every record that is in the topics now."""
        settings = {"bootstrap.servers": self.address, "group.id": f"reader-{uuid.uuid4()}", "enable.auto.commit": False}
        consumer = Consumer(settings | {"isolation.level": "read_committed", "enable.partition.eof": True} | QUIET)
        try:
            present = consumer.list_topics(timeout=10).topics
            left = {(topic, number) for topic in topics for number in present[topic].partitions}
            consumer.assign([TopicPartition(topic, number, 0) for topic, number in left])
            records: list[Record] = []
            deadline = time.monotonic() + timeout
            while left and time.monotonic() < deadline:
                for message in consumer.consume(1000, 0.1):
                    if message.error() is None:
                        records.append(record_of(message))
                    elif message.error().code() == KafkaError._PARTITION_EOF:
                        left.discard((message.topic(), message.partition()))
            if left:
                raise AssertionError(f"not read to the end within {timeout:g} s: {sorted(left)[:3]}")
            return records
        finally:
            consumer.close()

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """The group's committed offset of each partition (-1001: none)."""
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": group} | QUIET)
        try:
            partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            answer = consumer.committed([TopicPartition(topic, number) for number in partitions], timeout=10)
            return {item.partition: item.offset for item in answer}
        finally:
            consumer.close()

    def lag(self, group: str, topic: str) -> int:
        """How many records of the topic the group has not committed yet."""
        consumer = Consumer({"bootstrap.servers": self.address, "group.id": group} | QUIET)
        try:
            numbers = consumer.list_topics(topic, timeout=10).topics[topic].partitions
            total = 0
            for item in consumer.committed([TopicPartition(topic, number) for number in numbers], timeout=10):
                low, high = consumer.get_watermark_offsets(TopicPartition(topic, item.partition), timeout=10)
                total += high - max(low, item.offset)
            return total
        finally:
            consumer.close()


class TopicReader:
    """Follows topics in the background, from their present end or their beginning, committed records only."""

    def __init__(self, broker: Broker, topics: list[str], from_beginning: bool = False) -> None:
        self.records: Inbox[Record] = Inbox(", ".join(topics) if len(topics) < 4 else f"{len(topics)} topics")
        settings = {
            "bootstrap.servers": broker.address,
            "group.id": f"reader-{uuid.uuid4()}",
            "enable.auto.commit": False,
            "isolation.level": "read_committed",
            "auto.offset.reset": "earliest",
            "fetch.wait.max.ms": 50,
            "fetch.error.backoff.ms": 50,
        }
        self._consumer = Consumer(settings | QUIET)
        self._stopping = threading.Event()
        self._consumer.assign(list(self._start(topics, from_beginning)))
        self._thread = threading.Thread(target=self._run, name=f"reader of {self.records.name}", daemon=True)
        self._thread.start()

    def _start(self, topics: list[str], from_beginning: bool):
        metadata = self._consumer.list_topics(timeout=10)
        for topic in topics:
            for number in metadata.topics[topic].partitions:
                low, high = self._watermarks(TopicPartition(topic, number))
                yield TopicPartition(topic, number, low if from_beginning else high)

    def _watermarks(self, partition: TopicPartition) -> tuple[int, int]:
        """First and next offset; a new partition has no leader for a moment."""

        def ask() -> tuple[int, int] | None:
            try:
                return self._consumer.get_watermark_offsets(partition, timeout=10)
            except KafkaException as error:
                if not error.args[0].retriable() and error.args[0].code() not in NO_LEADER:
                    raise
                return None

        return wait_until(ask, f"a leader of {partition.topic}[{partition.partition}]", 15)

    def _run(self) -> None:
        while not self._stopping.is_set():
            message = self._consumer.poll(0.1)
            if message is not None and message.error() is None:
                self.records.put(record_of(message))

    def close(self) -> None:
        self._stopping.set()
        self._thread.join(10)
        self._consumer.close()


def reachable(address: str, timeout: float = 10) -> bool:
    try:
        AdminClient({"bootstrap.servers": address} | QUIET).list_topics(timeout=timeout)
    except KafkaException:
        return False
    return True
