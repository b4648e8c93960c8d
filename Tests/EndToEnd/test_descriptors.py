"""Descriptors: each service lifts its limit, and a limit that is low all the same costs no destination anything."""

from __future__ import annotations

import re
import resource
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from localhub.http_receiver import Answer, HTTPReceiver
from localhub.processes import EXECUTABLES, Service, free_port
from support import notifications
from support.config import ConfigFolder
from support.launcher import Launcher
from support.names import WEBHOOK_SECRET
from support.rig import Rig
from test_configuration import environment


@pytest.fixture
def everywhere() -> Iterator[HTTPReceiver]:
    """A receiver that has all addresses of 127.0.0.0/8: to a sender each is another host."""
    receiver = HTTPReceiver("everywhere", host="0.0.0.0")
    yield receiver
    receiver.close()


@pytest.fixture
def rig(make_rig) -> Rig:
    return make_rig("webhook", {"ORDERS_WEBHOOK_URL": "https://unused.example", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})


def limited(soft: int, hard: int | None = None) -> tuple[str, ...]:
    """A wrapper for a service that starts under these limits."""
    lower = f"ulimit -H -n {hard}; " if hard else ""
    return ("sh", "-c", f'ulimit -S -n {soft}; {lower}exec "$@"', "sh")


def limits(service: Service) -> tuple[str, str]:
    """The soft and the hard limit of a running process."""
    text = Path(f"/proc/{service.process.pid}/limits").read_text()
    [(soft, hard)] = re.findall(r"^Max open files +(\S+) +(\S+)", text, re.MULTILINE)
    return soft, hard


def use_hosts(rig: Rig, receiver: HTTPReceiver, count: int) -> list[str]:
    """Gives the channel so many endpoints, each on a host of its own; returns their names."""
    urls = {f"host{i}": f"http://127.1.{i // 200}.{i % 200 + 1}:{receiver.port}" for i in range(count)}

    def add(document: dict) -> None:
        orders = document["endpoints"]["orders"]
        document["endpoints"] |= {name: orders | {"url": url} for name, url in urls.items()}

    rig.config.edit("endpoints.yaml", add)
    return list(urls)


@pytest.mark.no_broker
@pytest.mark.parametrize("name", EXECUTABLES)
def test_a_service_lifts_its_soft_limit_to_the_hard_one(name: str, launcher: Launcher, config: ConfigFolder) -> None:
    values = environment(config, KAFKA_BROKERS=f"127.0.0.1:{free_port()}")
    service = launcher.start(name, values, ready=False, wrapper=limited(256, 512))
    service.wait_log('"event":"starting"')
    assert limits(service) == ("512", "512")
    assert '"descriptors":512' in service.output()
    service.kill()


def test_more_endpoints_than_descriptors(rig: Rig, everywhere: HTTPReceiver) -> None:
    names = use_hosts(rig, everywhere, 400)
    service = rig.start(wrapper=limited(256, 256), WORKER_POOL_SIZE="32")
    sent = [notifications.webhook(name) for name in names for _ in range(2)]
    rig.publish(*sent)
    for notification in sent:
        assert rig.final_status(notification, timeout=60)["status"] == "delivered"
    assert service.get("/livez")[0] == 200
    assert 0 < service.metric("notificationhub_process_open_fds") < 256 - 32
    assert service.metric("notificationhub_attempts_total") == len(sent)
    assert "descriptors_short" not in service.output() and "circuit_opened" not in service.output()


def test_a_shortage_of_descriptors_is_no_fault_of_a_destination(rig: Rig, everywhere: HTTPReceiver) -> None:
    names = use_hosts(rig, everywhere, 60)
    service = rig.start(WORKER_POOL_SIZE="64", MAX_RETRIES="1")
    lifted = resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE)
    few = int(service.metric("notificationhub_process_open_fds")) + 12
    release = threading.Event()
    everywhere.answer = lambda request: Answer(204, hold=release)
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, (few, lifted[1]))
    sent = [notifications.webhook(name) for name in names for _ in range(3)]
    rig.publish(*sent)
    service.wait_log('"event":"descriptors_short"')
    resource.prlimit(service.process.pid, resource.RLIMIT_NOFILE, lifted)
    release.set()
    for notification in sent:
        status = rig.final_status(notification, timeout=60)
        assert (status["status"], status["attempt"]) == ("delivered", 1)
    assert service.metric("notificationhub_attempts_total", code="descriptors") > 0
    assert service.metric("notificationhub_attempts_total", code="connect") == 0
    assert service.output().count("descriptors_short") <= 20
    assert "circuit_opened" not in service.output()
