"""Runs last: nothing that the whole session's services and tools said about their work tells a secret or a recipient."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from localhub.kafka import Broker, Record
from localhub.processes import finished
from support.collector import Collector
from support.launcher import Launcher
from support.names import PLANTED

# Tests that want a queue of their own put something behind its name.
REPORTS = re.compile(r"(.+\.)?dlq(-.*)?|.+\.retry\..+|notifications\.status")
# What shows content on purpose: whole letters, their keys, the notifications of an event.
SHOWS_CONTENT = (["dlq", "show"], ["dlq", "ls"], ["explain"])
# What the services add to a record; the rest of it is the notification, which is theirs to keep unchanged.
OWN_HEADERS = ("x-dlq-", "x-retry-", "kafka_dlt-")


def logs() -> Iterator[tuple[str, str]]:
    """The name of each log, and each of its lines."""
    for service in Launcher.started:
        if service.log.exists():
            for line in service.output().splitlines():
                yield service.log.name, line


def metrics() -> Iterator[tuple[str, str]]:
    for service in Launcher.started:
        for line in service.last_metrics.splitlines():
            yield f"metrics of {service.name}", line


def spans() -> Iterator[tuple[str, str]]:
    """What collectors of the session have printed of the spans that they took."""
    for log in Collector.logs:
        for line in log.read_text(errors="replace").splitlines():
            yield str(log), line


def tools() -> Iterator[tuple[str, str]]:
    """What commands wrote that ran to their end: faults, notes, and the output that is not content."""
    for done in finished:
        command = " ".join([Path(done.args[0]).name, *done.args[1:]])
        shown = "" if any(done.args[1:][: len(words)] == words for words in SHOWS_CONTENT) else done.stdout
        for line in (done.stderr + shown).splitlines():
            yield command, line


def reported(record: Record) -> str:
    """What the services themselves have to say in a status, a dead letter or a retry."""
    if record.topic == "notifications.status":
        return (record.value or b"").decode()
    return "\n".join(f"{name}: {value!r}" for name, value in record.headers if name.startswith(OWN_HEADERS))


@pytest.fixture(scope="module")
def records(broker: Broker) -> list[tuple[str, str]]:
    topics = [name for name in broker.admin.list_topics(timeout=10).topics if REPORTS.fullmatch(name)]
    return [(record.topic, reported(record)) for record in broker.read_all(topics)]


@pytest.fixture(scope="module")
def said(records: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Everything, with the place where it was said; none of the places may have been missed."""
    parts = {"logs": list(logs()), "metrics": list(metrics()), "records": records}
    # A run of a few tests may have neither.
    if finished:
        parts["tools"] = list(tools())
    if Collector.logs:
        parts["spans"] = list(spans())
    assert all(parts.values()), f"nothing to search: {[name for name, part in parts.items() if not part]}"
    return [line for part in parts.values() for line in part]


@pytest.mark.parametrize("what", PLANTED, ids=str)
def test_nothing_tells(said: list[tuple[str, str]], what: str) -> None:
    found = [f"{place}: {line[:300]}" for place, line in said if PLANTED[what] in line]
    assert found == [], f"{what} in {len(found)} of {len(said)} lines:\n" + "\n".join(found[:10])


def test_every_line_is_a_json_object_with_its_fixed_fields() -> None:
    for name, line in logs():
        entry = json.loads(line)
        assert {"ts", "level", "service", "event", "message"} <= entry.keys(), f"{name}: {line[:300]}"
