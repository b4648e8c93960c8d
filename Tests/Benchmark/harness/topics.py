"""The topics of a benchmark: it makes all of them itself, and removes them."""

from __future__ import annotations

import time

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

from localhub.kafka import NO_LEADER, QUIET

from .failure import Failure

PATIENCE = 30.0


class Topics:
    """Those of one benchmark by their names."""

    def __init__(self, address: str, partitions: int, names: tuple[str, ...]) -> None:
        self.address, self.partitions, self._names = address, partitions, names
        self.admin = AdminClient({"bootstrap.servers": address} | QUIET)
        # Only to ask for offsets; never joins its group.
        self._asker = Consumer({"bootstrap.servers": address, "group.id": "benchmark"} | QUIET)

    def require_none(self) -> None:
        """A benchmark must not touch topics of others."""
        there = sorted(set(self._names) & set(self._present()))
        if there:
            raise Failure(
                f"{self.address} has the topic {there[0]} already: the benchmark makes its topics itself and "
                "removes them, so it needs a broker without them"
            )

    def renew(self, names: tuple[str, ...]) -> None:
        """Leaves the topics there and empty."""
        self.remove(names)
        wanted = [NewTopic(name, self.partitions) for name in names]
        deadline = time.monotonic() + PATIENCE
        while wanted:
            failed = _failed(self.admin.create_topics(wanted, request_timeout=30))
            wanted = [topic for topic in wanted if topic.topic in failed]
            for error in failed.values():
                # A topic's name is taken until the broker has finished to remove it.
                if error.code() != KafkaError.TOPIC_ALREADY_EXISTS or time.monotonic() > deadline:
                    raise Failure(f"{self.address}: {error.str()}")
            time.sleep(0.1 if wanted else 0)
        self._await(lambda: set(names) <= self._led(), "the new topics have no leaders")

    def remove(self, names: tuple[str, ...] | None = None) -> None:
        there = set(self._names if names is None else names) & set(self._present())
        if not there:
            return
        for error in _failed(self.admin.delete_topics(list(there), request_timeout=30)).values():
            if error.code() != KafkaError.UNKNOWN_TOPIC_OR_PART:
                raise Failure(f"{self.address}: {error.str()}")
        self._await(lambda: not there & set(self._present()), "the old topics do not go away")

    def partitions_of(self, names: tuple[str, ...]) -> list[TopicPartition]:
        return [TopicPartition(name, number) for name in names for number in range(self.partitions)]

    def ends(self, names: tuple[str, ...]) -> list[TopicPartition]:
        """Every partition of the topics with the offset of the next record."""
        return [TopicPartition(p.topic, p.partition, self._end(p)) for p in self.partitions_of(names)]

    def _end(self, partition: TopicPartition) -> int:
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                return self._asker.get_watermark_offsets(partition, timeout=10)[1]
            except KafkaException as error:
                # The leader of a new partition does not know yet that it is one.
                if error.args[0].code() not in NO_LEADER or time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def _present(self) -> dict:
        return self.admin.list_topics(timeout=10).topics

    def _led(self) -> set[str]:
        """The topics whose partitions are all there, each with a leader."""
        return {
            name for name, topic in self._present().items()
            if len(topic.partitions) == self.partitions and all(p.leader >= 0 for p in topic.partitions.values())
        }  # fmt: skip

    def _await(self, condition, otherwise: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not condition():
            if time.monotonic() > deadline:
                raise Failure(f"{self.address}: {otherwise}")
            time.sleep(0.05)


def _failed(results: dict) -> dict[str, KafkaError]:
    failed = {}
    for name, result in results.items():
        try:
            result.result()
        except KafkaException as error:
            failed[name] = error.args[0]
    return failed
