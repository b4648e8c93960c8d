"""What the benchmark's own broker uses; nothing is known of one that was given."""

from __future__ import annotations

from pathlib import Path

from confluent_kafka import TopicPartition

from . import usage


class Broker:
    def __init__(self, address: str, pid: int | None, data: Path | None) -> None:
        self.address = address
        self._pid, self._data = pid, data

    def cpu_seconds(self) -> float | None:
        return usage.cpu_seconds(self._pid) if self._pid else None

    def log_bytes(self, partitions: list[TopicPartition]) -> int | None:
        """The size of the partitions' records as they are stored, which is how they travel."""
        if self._data is None:
            return None
        folders = [self._data / f"{p.topic}-{p.partition}" for p in partitions]
        return sum(segment.stat().st_size for folder in folders for segment in folder.glob("*.log"))
