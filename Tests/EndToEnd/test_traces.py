"""Traces from the event to the last attempt, against the OpenTelemetry Collector, and against collectors that fail."""

from __future__ import annotations

import collections
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from localhub.http_receiver import Answer, HTTPReceiver, Request
from localhub.kafka import Broker
from localhub.processes import free_port, run_once
from localhub.waiting import wait_until
from support import notifications
from support.collector import Collector, Span
from support.config import ConfigFolder
from support.core import Core
from support.names import WEBHOOK_SECRET, unique
from support.rig import Rig

TRACE, PARENT = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"
STATE = "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE"
needs_collector = pytest.mark.skipif("OTELCOL" not in os.environ, reason="OTELCOL, the OpenTelemetry Collector, is not set")


class Endpoint:
    """A receiver that refuses the first requests of each notification."""

    def __init__(self) -> None:
        self.failures = 0
        self._attempts: collections.Counter[str] = collections.Counter()
        self.receiver = HTTPReceiver("endpoint", self._answer)

    def _answer(self, request: Request) -> Answer:
        notification = request.header_map["webhook-id"]
        self._attempts[notification] += 1
        return Answer(500 if self._attempts[notification] <= self.failures else 200)

    @property
    def notifications(self) -> int:
        """How many different ones have come."""
        return len(self._attempts)

    def requests(self, notification: str) -> list[Request]:
        return self.receiver.requests.all(lambda r: r.header_map["webhook-id"] == notification)


@pytest.fixture
def endpoint() -> Iterator[Endpoint]:
    endpoint = Endpoint()
    yield endpoint
    endpoint.receiver.close()


@pytest.fixture
def collector(tmp_path: Path) -> Iterator[Collector]:
    collector = Collector(tmp_path)
    yield collector
    collector.close()


@pytest.fixture
def rig(make_rig, config: ConfigFolder, endpoint: Endpoint) -> Rig:
    config.edit("endpoints.yaml", lambda document: document["endpoints"]["orders"].pop("rate"))
    return make_rig("webhook", {"ORDERS_WEBHOOK_URL": f"{endpoint.receiver.url}/x", "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})


@pytest.fixture
def pipeline(core: Core, rig: Rig, config: ConfigFolder) -> Core:
    """A core whose one route leads to the rig's topic."""

    def topics(document: dict) -> None:
        document["topics"]["notifications"]["webhook"] = rig.topic

    config.edit("core.yaml", topics)
    route = {"event": "order.created", "notify": [{"channel": "webhook", "to": {"endpoint": "orders"}}]}
    config.edit("routing.yaml", lambda document: document.update(routes=[route]))
    return core


def event(broker: Broker, core: Core, flags: str = "01", trace: str = TRACE, value: dict | None = None) -> str:
    """Publishes an event of a trace; returns the trace's id."""
    headers = [("traceparent", f"00-{trace}-{PARENT}-{flags}".encode()), ("tracestate", STATE.encode())]
    broker.publish(core.input, value or {"event_type": "order.created", "event_id": unique("event")}, "k", headers)
    return trace


def by_name(spans: list[Span], name: str) -> list[Span]:
    return [span for span in spans if span.name == name]


@needs_collector
def test_one_trace_from_the_event_to_the_last_attempt(
    broker: Broker, pipeline: Core, rig: Rig, endpoint: Endpoint, collector: Collector
) -> None:
    endpoint.failures = 4  # three retries in memory, then one from the shortest retry topic
    export = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_SERVICE_NAME": "the-core"}
    pipeline.start(**export)
    rig.start(**export | {"OTEL_SERVICE_NAME": "the-consumer"})
    event(broker, pipeline)
    spans = collector.wait(TRACE, 10)
    assert len(spans) == 10 and {span.state for span in spans} == {STATE}

    [mapped] = by_name(spans, f"process {pipeline.input}")
    assert (mapped.service, mapped.kind, mapped.parent) == ("the-core", "Consumer", PARENT)
    assert mapped.attributes["messaging.system"] == "kafka"
    assert mapped.attributes["messaging.operation.type"] == "process"
    assert mapped.attributes["messaging.destination.name"] == pipeline.input
    assert mapped.attributes["messaging.consumer.group.name"] == pipeline.group
    [sent] = by_name(spans, f"send {rig.topic}")
    assert (sent.service, sent.kind, sent.parent) == ("the-core", "Producer", mapped.id)
    [commit] = [span for span in collector.spans() if mapped.id in span.links]
    assert (commit.name, commit.kind, commit.attributes["messaging.operation.type"]) == ("commit", "Client", "settle")
    assert commit.attributes["messaging.batch.message_count"] == "1"

    stays = [*by_name(spans, f"process {rig.topic}"), *by_name(spans, f"process {rig.retry_topics[0]}")]
    assert [(stay.service, stay.kind, stay.parent) for stay in stays] == [("the-consumer", "Consumer", sent.id)] * 2
    [moved] = by_name(spans, f"send {rig.retry_topics[0]}")
    assert (moved.kind, moved.parent, moved.links) == ("Client", stays[0].id, [sent.id])

    attempts = by_name(spans, "deliver orders")
    assert [attempt.parent for attempt in attempts] == [stays[0].id] * 4 + [stays[1].id]
    assert [attempt.attributes["notificationhub.attempt"] for attempt in attempts] == ["1", "2", "3", "4", "5"]
    assert [attempt.attributes["http.response.status_code"] for attempt in attempts] == ["500"] * 4 + ["200"]
    assert [attempt.failed for attempt in attempts] == [True] * 4 + [False]
    notification = stays[0].attributes["messaging.message.id"]
    requests = endpoint.requests(notification)
    assert [r.header_map["traceparent"] for r in requests] == [f"00-{TRACE}-{attempt.id}-01" for attempt in attempts]
    assert {r.header_map["tracestate"] for r in requests} == {STATE}


@needs_collector
def test_who_started_the_trace_decides_whether_it_is_recorded(
    broker: Broker, pipeline: Core, rig: Rig, endpoint: Endpoint, collector: Collector
) -> None:
    export = {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_TRACES_SAMPLER_ARG": "0"}
    pipeline.start(**export)
    rig.start(**export)
    event(broker, pipeline, "00", "1" * 32)
    broker.publish(pipeline.input, {"event_type": "order.created", "event_id": unique("event")}, "k")
    [silent, new] = endpoint.receiver.requests.wait(2)
    assert silent.header_map["traceparent"].startswith(f"00-{'1' * 32}-") and silent.header_map["traceparent"].endswith("-00")
    assert silent.header_map["tracestate"] == STATE
    assert new.header_map["traceparent"].endswith("-00") and "tracestate" not in new.header_map
    event(broker, pipeline)
    assert len(collector.wait(TRACE, 4)) == 4
    assert {span.trace for span in collector.spans() if span.name != "commit"} == {TRACE}


@needs_collector
def test_a_rejected_event_is_an_error_of_its_trace(broker: Broker, pipeline: Core, collector: Collector) -> None:
    pipeline.start(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint)
    event(broker, pipeline, value={"no": "type"})
    spans = collector.wait(TRACE, 2)
    [rejected] = by_name(spans, f"process {pipeline.input}")
    assert rejected.failed and rejected.attributes["error.type"] == "no_type"
    [letter] = by_name(spans, f"send {pipeline.dlq}")
    assert (letter.parent, letter.kind) == (rejected.id, "Client")


@pytest.fixture
def silent_collector() -> Iterator[str]:
    """Takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture(params=["down", "hangs"])
def bad_collector(request: pytest.FixtureRequest, silent_collector: str) -> str:
    return silent_collector if request.param == "hangs" else f"http://127.0.0.1:{free_port()}"


def test_a_bad_collector_holds_nothing_up(
    broker: Broker, pipeline: Core, rig: Rig, endpoint: Endpoint, bad_collector: str
) -> None:
    export = {"OTEL_EXPORTER_OTLP_ENDPOINT": bad_collector}
    services = [pipeline.start(**export), rig.start(**export)]
    # Three spans each: more than the consumer's queue and what it tries to send have room for.
    events = [(pipeline.input, {"event_type": "order.created", "event_id": unique("event")}, str(n), []) for n in range(6_000)]
    broker.publish_all(events)
    wait_until(lambda: endpoint.notifications == 6_000, "every webhook", 120)
    for service in services:
        assert service.metric("notificationhub_trace_spans_exported_total") == 0
    # Some for want of room, others because nobody took them.
    assert services[1].metric("notificationhub_trace_spans_dropped_total") > 0
    for service in services:
        begun = time.monotonic()
        assert service.stop() == 0
        # Not the ten seconds of a request that nobody answers.
        assert time.monotonic() - begun < 9


ENDPOINTS = [("localhost:4318", "must start with http:// or https://"), ("http://localhost:4317", "port 4317, which speaks gRPC")]


@pytest.mark.parametrize("name", ["core-service", "webhook-consumer"])
@pytest.mark.parametrize(("endpoint", "sentence"), ENDPOINTS)
def test_an_endpoint_that_cannot_work_stops_the_start(name: str, endpoint: str, sentence: str, config: ConfigFolder) -> None:
    environment = {
        "CONFIG_DIR": str(config.path),
        "ORDERS_WEBHOOK_URL": "https://hooks.example/orders",
        "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
        "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint,
    }
    result = run_once(name, environment=environment)
    assert result.returncode == 78
    [line] = result.stderr.splitlines()
    assert "OTEL_EXPORTER_OTLP_ENDPOINT" in line and sentence in line


def test_a_tracestate_is_handed_on_without_a_collector(rig: Rig, endpoint: Endpoint) -> None:
    rig.start()
    notification = notifications.webhook()
    rig.broker.publish(rig.topic, notification, "k", [*notifications.headers_of(notification), ("tracestate", STATE.encode())])
    [request] = endpoint.receiver.requests.wait(1)
    assert request.header_map["tracestate"] == STATE
    assert request.header_map["traceparent"] == dict(notifications.headers_of(notification))["traceparent"].decode()
