"""Names: a name server that does not answer holds nobody up, and no name leads to an address that is not allowed."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localhub.http_receiver import HTTPReceiver
from localhub.waiting import wait_until
from support import nameserver, notifications
from support.names import WEBHOOK_SECRET
from support.nameserver import NameServer
from support.rig import Rig

pytestmark = pytest.mark.skipif(nameserver.why_not() is not None, reason=f"no name server of our own: {nameserver.why_not()}")

# One lookup takes longer than any test waits: 5 s for each of two tries.
RESOLV_CONF = f"nameserver {nameserver.ADDRESS}\noptions timeout:5 attempts:2\n"
LOOKUP = 10_000
NOTICEABLE = 2.0


@pytest.fixture
def names() -> Iterator[NameServer]:
    server = NameServer()
    yield server
    server.close()


@pytest.fixture
def wrapper(tmp_path: Path) -> tuple[str, ...]:
    file = tmp_path / "resolv.conf"
    file.write_text(RESOLV_CONF)
    return nameserver.asking(file)


def make(make_rig, url: str, **more: str) -> Rig:
    return make_rig("webhook", {"ORDERS_WEBHOOK_URL": url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET} | more)


def test_a_name_server_that_never_answers_delays_no_other_endpoint(make_rig, names: NameServer, wrapper) -> None:
    names.silent.add("silent.example")
    receiver = HTTPReceiver("endpoint")
    rig = make(make_rig, receiver.url)

    def add(document: dict) -> None:
        silent = {"url": "https://silent.example/", "timeout": "500ms", "max_in_flight": 32}
        document["endpoints"]["silent"] = document["endpoints"]["orders"] | silent

    rig.config.edit("endpoints.yaml", add)
    service = rig.start(wrapper=wrapper)
    stuck = [notifications.webhook("silent") for _ in range(64)]
    rig.publish(*stuck)
    wait_until(lambda: "silent.example" in names.asked, "a lookup of the silent name")
    longest = 0.0
    end = time.monotonic() + 3
    # Through the whole time in which lookups begin, are given up after 500 ms, and go on unseen.
    while time.monotonic() < end:
        probe, start = notifications.webhook(), time.monotonic()
        rig.publish(probe)
        receiver.requests.one(lambda request: request.header_map["webhook-id"] == probe["id"])
        longest = max(longest, time.monotonic() - start)
    assert longest < NOTICEABLE
    # Which of the stuck ones were tried before the circuit opened is open; each of their attempts ended by its own
    # deadline of 500 ms, and not with the resolver.
    tried = rig.known_statuses({notification["id"] for notification in stuck})
    assert len(tried) >= 8
    assert {status["code"] for status in tried} == {"dns"}
    assert 500 <= min(status["duration_ms"] for status in tried)
    assert max(status["duration_ms"] for status in tried) < LOOKUP
    # Nor does a stop wait for the lookups, which take 10 s.
    start = time.monotonic()
    assert service.stop() == 0
    assert time.monotonic() - start < 8
    receiver.close()


@contextlib.contextmanager
def listening(host: str, port: int) -> Iterator[socket.socket]:
    """A port whose every connection can be seen."""
    with socket.create_server((host, port)) as server:
        server.setblocking(False)
        yield server


def is_untouched(server: socket.socket) -> bool:
    try:
        server.accept()
    except BlockingIOError:
        return True
    return False


def test_a_name_that_moves_inside_is_blocked_where_it_leads(make_rig, names: NameServer, wrapper) -> None:
    """Rebinding: 127.0.0.2 plays the address that may be called, 127.0.0.1 the one that may not."""
    outside = HTTPReceiver("outside", host="127.0.0.2")
    rig = make(make_rig, f"http://moving.example:{outside.port}/", ALLOW_NETWORKS="127.0.0.2/32")
    with listening("127.0.0.1", outside.port) as inside:
        names.addresses["moving.example"] = ["127.0.0.2"]
        service = rig.start(wrapper=wrapper)
        first, second = notifications.webhook(), notifications.webhook()
        rig.publish(first)
        assert rig.final_status(first)["status"] == "delivered"
        # A process keeps an answer for a minute; another one asks again.
        service.stop()
        names.addresses["moving.example"] = ["127.0.0.1"]
        rig.start(wrapper=wrapper)
        [origin] = rig.publish(second)
        assert rig.dead_letter(origin).header("x-dlq-error-class") == "blocked"
        assert rig.final_status(second)["code"] == "blocked"
        assert is_untouched(inside)
    assert len(outside.requests.all()) == 1
    outside.close()


def test_of_several_addresses_only_the_allowed_ones_are_called(make_rig, names: NameServer, wrapper) -> None:
    outside = HTTPReceiver("outside", host="127.0.0.2")
    rig = make(make_rig, f"http://both.example:{outside.port}/", ALLOW_NETWORKS="127.0.0.2/32")
    names.addresses["both.example"] = ["127.0.0.1", "127.0.0.2", "127.0.0.3"]
    with listening("127.0.0.1", outside.port) as inside, listening("127.0.0.3", outside.port) as beside:
        rig.start(wrapper=wrapper)
        notification = notifications.webhook()
        rig.publish(notification)
        assert rig.final_status(notification)["status"] == "delivered"
        assert is_untouched(inside) and is_untouched(beside)
    outside.close()


BLOCKED = [
    "inside.example", "inside.example.", "INSIDE.example", "localhost", "127.1", "0x7f.1", "0177.0.0.1", "2130706433", "0",
    "[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "127.0.0.1#@orders.example",
]  # fmt: skip
NO_URL = ["①②⑦.⓪.⓪.①", "user@127.0.0.1", "user:password@127.0.0.1", "orders.example\\@127.0.0.1", "127.0.0.1 ", "inside.example\r\nX: y"]
OTHER_SCHEMES = ["ftp://127.0.0.1/", "file:///etc/passwd", "gopher://127.0.0.1:6379/_FLUSHALL", "//127.0.0.1/", ""]


def test_a_name_of_an_event_leads_nowhere_inside(make_rig, names: NameServer, wrapper) -> None:
    """URLs from events go through the same checks, however they name the inside."""
    with listening("127.0.0.1", 0) as inside:
        port = inside.getsockname()[1]
        names.addresses["inside.example"] = ["127.0.0.1"]
        rig = make(make_rig, "https://orders.example/", ALLOW_NETWORKS="127.0.0.2/32")
        rig.config.edit("webhook.yaml", lambda document: document.update(urls_from_events=True))
        rig.start(wrapper=wrapper)
        expected = {f"{scheme}://{host}:{port}/": "blocked" for host in BLOCKED for scheme in ("http", "https")}
        expected |= {f"{scheme}://{host}:{port}/": "bad_url" for host in NO_URL for scheme in ("http", "https")}
        expected |= dict.fromkeys(OTHER_SCHEMES, "bad_url")
        sent = {
            url: notifications.webhook() | {"recipient": {"url": url, "endpoint": "orders"}}
            for url in expected
        }
        origins = rig.publish(*sent.values())
        assert {url: rig.final_status(sent[url])["code"] for url in sent} == expected
        assert {rig.dead_letter(origin).header("x-dlq-error-class") for origin in origins} == {"blocked"}
        assert is_untouched(inside)
