"""The run's own Apache Kafka: kills it, freezes it, brings it back, and knows how long it was away."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

from confluent_kafka import KafkaException
from confluent_kafka.admin import AdminClient, AlterConfigOpType, ConfigEntry, ConfigResource

from localhub.kafka import QUIET

START_LIMIT = 90.0


class BrokerControl:
    """A broker that kafka-local/lib/broker.sh has started in `folder`, which must be Apache Kafka from `home`."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._folder, self._home = folder, home
        self._remembered = dict(
            shlex.split(line)[0].partition("=")[::2] for line in (folder / "broker.env").read_text().splitlines()
        )
        self.address = self._remembered["broker_address"]
        # Where a proxy goes on to, and the address at which it must be; None without a listener for one.
        self.upstream, self.behind = self._remembered.get("broker_upstream"), self._remembered.get("broker_behind")
        self._pid = int(self._remembered["broker_pid"])
        self._process: subprocess.Popen | None = None  # once it was started again from here
        self._away_since: float | None = None
        self._away_total = 0.0
        self._absent_since: float | None = None
        self.absences: list[tuple[float, float]] = []  # dead or frozen from and to, in seconds since 1970

    def clock(self) -> float:
        """Seconds, standing still while the broker is away: no progress is expected then."""
        now = time.monotonic()
        away = now - self._away_since if self._away_since is not None else 0.0
        return now - self._away_total - away

    def compact_groups(self) -> None:
        """Has the broker compact what groups commit, so that it loads a group in no time after a kill.

        A broker that is killed loads each group twice. Where the first load takes seconds the two get mixed up (Apache
        Kafka 4.2): dead members stay in the group, and offsets of ended transactions count as pending for ever.
        """
        topic = ConfigResource(ConfigResource.Type.TOPIC, "__consumer_offsets")
        for name, value in (("segment.bytes", str(1 << 20)), ("min.cleanable.dirty.ratio", "0.01")):
            topic.add_incremental_config(ConfigEntry(name, value, incremental_operation=AlterConfigOpType.SET))
        admin = AdminClient({"bootstrap.servers": self.address} | QUIET)
        for answer in admin.incremental_alter_configs([topic]).values():
            answer.result()

    def kill(self) -> None:
        """SIGKILL: what it had written stays in the page cache, what was under way is gone."""
        self._leaves()
        self._absent_since = time.time()
        os.kill(self._pid, signal.SIGKILL)
        while self._runs():
            time.sleep(0.02)

    def start(self) -> None:
        """Starts it again on the same data."""
        environment = os.environ | {"LOG_DIR": str(self._folder / "logs")}
        with (self._folder / "broker.log").open("ab") as log:
            self._process = subprocess.Popen(
                [str(self._home / "bin" / "kafka-server-start.sh"), str(self._folder / "server.properties")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, start_new_session=True,
            )  # fmt: skip
        self._pid = self._process.pid
        self._remember()

    def freeze(self) -> None:
        self._leaves()
        self._absent_since = time.time()
        os.kill(self._pid, signal.SIGSTOP)

    def thaw(self) -> None:
        os.kill(self._pid, signal.SIGCONT)

    @contextlib.contextmanager
    def away(self) -> Iterator[None]:
        """For the time of a fault that leaves the broker there but of no use."""
        self._leaves()
        yield
        self._returns()

    def answers(self) -> bool:
        """Whether it serves again; from then on progress is expected."""
        try:
            AdminClient({"bootstrap.servers": self.address} | QUIET).list_topics(timeout=1)
        except KafkaException:
            if not self._runs():
                raise RuntimeError(f"the broker does not start again: see {self._folder / 'broker.log'}") from None
            return False
        self._returns()
        if self._absent_since is not None:
            self.absences.append((self._absent_since, time.time()))
            self._absent_since = None
        return True

    def _leaves(self) -> None:
        if self._away_since is None:
            self._away_since = time.monotonic()

    def _returns(self) -> None:
        if self._away_since is not None:
            self._away_total += time.monotonic() - self._away_since
            self._away_since = None

    def _runs(self) -> bool:
        if self._process is not None:
            return self._process.poll() is None
        try:
            return Path(f"/proc/{self._pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
        except FileNotFoundError:
            return False

    def _remember(self) -> None:
        """So that broker.sh stops the process that runs now."""
        self._remembered["broker_pid"] = str(self._pid)
        lines = [f"{name}={value}\n" for name, value in self._remembered.items()]
        (self._folder / "broker.env").write_text("".join(lines))
