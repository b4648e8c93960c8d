"""Whom the webhook consumer trusts: real TLS servers with certificates that are good or are not."""

from __future__ import annotations

import ssl
import warnings
from collections.abc import Iterator

import pytest

from localhub.certificates import DAY, Authority
from localhub.http_receiver import HTTPReceiver
from support import notifications
from support.names import WEBHOOK_SECRET


@pytest.fixture
def receivers(authority: Authority, tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, HTTPReceiver]]:
    old = authority.server("127.0.0.1")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        old.minimum_version = ssl.TLSVersion.TLSv1
    old.set_ciphers("ALL:@SECLEVEL=0")
    contexts = {
        "good": authority.context,
        "wrong-host": authority.server("other.example", "127.0.0.2"),
        "expired": authority.server("127.0.0.1", valid=-DAY),
        "self-signed": authority.server("127.0.0.1", is_self_signed=True),
        "unknown-authority": Authority(tmp_path_factory.mktemp("other")).context,
        "old-protocol": old,
    }
    receivers = {name: HTTPReceiver(name, tls=context) for name, context in contexts.items()}
    yield receivers
    for receiver in receivers.values():
        receiver.close()


def test_only_a_server_that_proves_its_name_gets_a_request(make_rig, authority: Authority, receivers: dict[str, HTTPReceiver]) -> None:
    rig = make_rig("webhook", {"ORDERS_WEBHOOK_URL": "https://127.0.0.1/", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})

    def add(document: dict) -> None:
        for name, receiver in receivers.items():
            document["endpoints"][name] = document["endpoints"]["orders"] | {"url": receiver.url}

    rig.config.edit("endpoints.yaml", add)
    rig.config.edit("webhook.yaml", lambda document: document.update(ca_file=str(authority.ca)))
    rig.start()
    sent = {name: notifications.webhook(name) for name in receivers}
    rig.publish(*sent.values())
    codes = {name: rig.statuses(notification)[0]["code"] for name, notification in sent.items()}
    assert codes == {name: "http_200" if name == "good" else "tls" for name in receivers}
    assert {name: len(receiver.requests.all()) for name, receiver in receivers.items()} == {
        name: 1 if name == "good" else 0 for name in receivers
    }


def test_plain_http_needs_an_open_network(make_rig) -> None:
    """https is the default: a public address, which is never connected to here, gets nothing unencrypted."""
    rig = make_rig("webhook", {"ORDERS_WEBHOOK_URL": "http://192.31.196.1/", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})
    rig.start(ALLOW_NETWORKS="127.0.0.0/8")
    notification = notifications.webhook()
    [origin] = rig.publish(notification)
    letter = rig.dead_letter(origin)
    assert letter.header("x-dlq-error-class") == "blocked"
    assert "https" in (letter.header("x-dlq-error-message") or "")
