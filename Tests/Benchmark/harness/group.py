"""How far a consumer group has come: its committed offsets, which show the progress of any system."""

from __future__ import annotations

from confluent_kafka import Consumer, ConsumerGroupState, KafkaException, TopicPartition

from localhub.kafka import QUIET

from .topics import Topics


class Group:
    """Asks, but is no member. The client for administration can ask for offsets as well, but crashes (librdkafka 2.16)
    when the group's coordinator has just started."""

    def __init__(self, topics: Topics, name: str, inputs: tuple[str, ...]) -> None:
        self.name = name
        self._admin = topics.admin
        self._partitions = topics.partitions_of(inputs)
        # Uncommitted: what an open transaction is about to commit must not make the answer wait.
        settings = {"bootstrap.servers": topics.address, "group.id": name, "isolation.level": "read_uncommitted"}
        self._asker = Consumer(settings | QUIET)

    def __enter__(self) -> Group:
        return self

    def __exit__(self, *_: object) -> None:
        self._asker.close()

    def committed(self) -> int:
        """The sum of all committed offsets; 0 while the group has none."""
        partitions = [TopicPartition(p.topic, p.partition) for p in self._partitions]
        try:
            return sum(max(0, partition.offset) for partition in self._asker.committed(partitions, timeout=10))
        except KafkaException:
            return 0  # its coordinator is not there yet

    def has_settled(self, members: int) -> bool:
        """Whether so many members share the partitions."""
        try:
            group = self._admin.describe_consumer_groups([self.name], request_timeout=10)[self.name].result()
        except KafkaException:
            return False
        return group.state == ConsumerGroupState.STABLE and len(group.members) >= members
