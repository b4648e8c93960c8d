"""Fixtures: the broker, the pipeline, and one consumer alone."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import confluent_kafka
import pytest
from confluent_kafka.admin import NewTopic

from localhub.certificates import Authority
from localhub.http_receiver import HTTPReceiver
from localhub.kafka import Broker, reachable
from localhub.processes import BINARIES, EXECUTABLES, ROOT
from support.config import ConfigFolder
from support.core import Core
from support.hub import Hub
from support.kafka_proxy import KafkaProxy
from support.launcher import Launcher
from support.pipeline import prepare
from support.rig import Rig

sys.path.insert(0, str(ROOT / "kafka-local" / "lib"))
from kafka_tool import read_topics  # noqa: E402  (the topic list has one reader)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--brokers", help="address of the Kafka broker")
    parser.addoption("--broker-kind", default="given", help="given, kafka-home, docker or embedded")


def pytest_configure(config: pytest.Config) -> None:
    missing = [name for name in (*EXECUTABLES, "notifyctl") if not (BINARIES / name).exists()]
    if missing:
        raise pytest.UsageError(f"not built: {', '.join(missing)} in {BINARIES}; run scripts/e2e.sh")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """The search through all logs comes last; what the embedded broker cannot show is skipped by name."""
    items.sort(key=lambda item: item.path.name == "test_logs.py")
    if config.getoption("--broker-kind") == "embedded":
        for item in items:
            if marker := item.get_closest_marker("real_broker"):
                item.add_marker(pytest.mark.skip(reason=f"the embedded broker cannot show it: {marker.args[0]}"))


@pytest.fixture(scope="session")
def broker(request: pytest.FixtureRequest) -> Broker:
    address = request.config.getoption("--brokers")
    if not address:
        raise pytest.UsageError("no --brokers: run scripts/e2e.sh, which chooses a broker")
    if not reachable(address):
        raise pytest.UsageError(f"no broker answers on {address}")
    broker = Broker(address)
    broker.create_topics([NewTopic(t.name, t.partitions, 1, config=t.config) for t in read_topics()])
    return broker


@pytest.fixture(scope="session")
def hub(broker: Broker, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hub]:
    """Core and all four consumers with the tests' own routes beside the default ones."""
    folder = tmp_path_factory.mktemp("hub")
    launcher = Launcher(folder)
    config = ConfigFolder(folder / "config")
    prepare(config)
    hub = Hub(broker, launcher, config)
    try:
        yield hub.start()
        assert launcher.stop_all() == []
    finally:
        launcher.stop_all()
        hub.close()


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """Nobody trusts it who was not told to."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def newer_librdkafka(tmp_path: Path) -> dict[str, str]:
    """Variables with which our executables load the librdkafka that the tests' own client brings with it."""
    [library] = Path(confluent_kafka.__file__).parent.with_name("confluent_kafka.libs").glob("librdkafka*.so*")
    assert confluent_kafka.libversion()[1] >= 0x02060100
    folder = tmp_path / "librdkafka"
    folder.mkdir()
    (folder / "librdkafka.so.1").symlink_to(library)
    return {"LD_LIBRARY_PATH": ":".join([str(folder), *filter(None, [os.environ.get("LD_LIBRARY_PATH")])])}


@pytest.fixture
def launcher(tmp_path: Path) -> Iterator[Launcher]:
    launcher = Launcher(tmp_path)
    yield launcher
    launcher.stop_all()


@pytest.fixture
def config(tmp_path: Path) -> ConfigFolder:
    return ConfigFolder(tmp_path / "config")


@pytest.fixture
def core(broker: Broker, launcher: Launcher, config: ConfigFolder) -> Iterator[Core]:
    core = Core(broker, launcher, config)
    yield core
    launcher.stop_all()
    core.outputs.close()


@pytest.fixture
def proxy(broker: Broker) -> Iterator[KafkaProxy]:
    node = next(iter(broker.admin.list_topics(timeout=10).brokers.values()))
    try:
        proxy = KafkaProxy(node.host, node.port)
    except OSError:
        pytest.skip(f"the broker {node.host} is not on this machine")
    yield proxy
    proxy.close()


@pytest.fixture
def receiver() -> Iterator[HTTPReceiver]:
    """An endpoint that accepts everything until a test tells it what to answer."""
    receiver = HTTPReceiver("endpoint")
    yield receiver
    receiver.close()


MakeRig = Callable[..., Rig]


@pytest.fixture
def make_rig(broker: Broker, launcher: Launcher, config: ConfigFolder) -> Iterator[MakeRig]:
    """Makes rigs: make_rig("webhook", {"ORDERS_WEBHOOK_URL": …}, partitions=1)."""
    rigs: list[Rig] = []

    def make(channel: str, environment: dict[str, str], partitions: int = 2) -> Rig:
        rigs.append(Rig(broker, launcher, config, channel, environment, partitions))
        return rigs[-1]

    yield make
    launcher.stop_all()
    for rig in rigs:
        rig.close()
