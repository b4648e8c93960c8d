"""The core between a death at any point of a transaction, a twin and a refusal: each notification once, to the reader."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator

import pytest
from confluent_kafka import Producer

from localhub.kafka import Broker
from localhub.waiting import wait_until
from support.config import ConfigFolder
from support.core import Core, once
from support.kafka_proxy import Api, KafkaProxy, Moment, Point
from support.launcher import Launcher
from support.names import unique

DEATHS = {
    "after begin": Point(Api.ADD_PARTITIONS_TO_TXN, Moment.BEFORE),
    "in mid-produce": Point(Api.PRODUCE, Moment.UNANSWERED),
    "with the group added": Point(Api.ADD_OFFSETS_TO_TXN, Moment.UNANSWERED),
    "after send_offsets": Point(Api.TXN_OFFSET_COMMIT, Moment.AFTER),
    "after flush": Point(Api.END_TXN, Moment.BEFORE),
    "during commit": Point(Api.END_TXN, Moment.UNANSWERED),
    "after commit": Point(Api.END_TXN, Moment.AFTER),
}


@pytest.mark.real_broker("after kill -9 of a transactional client its successor's records do not come through")
@pytest.mark.parametrize("death", DEATHS.values(), ids=DEATHS.keys())
def test_a_core_that_dies_adds_and_loses_nothing(core: Core, proxy: KafkaProxy, death: Point) -> None:
    """kill -9 at one point of its third transaction; the next process goes on within seconds."""
    run, part = unique("run"), 100
    environment = {"INSTANCE_ID": "core-0", "KAFKA_BROKERS": proxy.address}
    first = core.start(**environment)
    proxy.at(death, first.process.kill, nth=3)
    published = 0
    while first.running:
        assert published < 20 * part, f"it never came to the point: {death}"
        core.publish(run, range(published, published + part))
        published += part
        wait_until(lambda: not first.running or len(core.of_run(run)) >= published, "the part, or the death")

    core.publish(run, range(published, published + part))
    latest = f"{run}-{published}"
    published += part
    start = time.monotonic()
    second = core.start(ready=False, **environment)
    wait_until(lambda: latest in core.times(run), "progress of the next process", 30)
    gap = time.monotonic() - start
    core.wait(run, published)
    assert second.stop() == 0
    assert core.times(run) == once(run, published)
    print(f"killed at {death.api.name}, {death.moment.value}: progress {gap:.2f} s after the restart, {published} events")
    assert gap < 5


@pytest.mark.real_broker("it is not reached through a proxy")
@pytest.mark.parametrize("moment", ["after begin", "with the group added", "during commit"])
def test_sigterm_of_a_core_without_a_broker_ends_in_time(core: Core, proxy: KafkaProxy, moment: str) -> None:
    """Whether its last transaction is committed is not known, and need not be: the next process finds out."""
    run = unique("run")
    service = core.start(KAFKA_BROKERS=proxy.address, INSTANCE_ID="core-0", DRAIN_TIMEOUT="1s")
    gone = proxy.cut_at(DEATHS[moment])
    core.publish(run, range(100))
    assert gone.wait(30), "no transaction"
    code, seconds = service.timed_stop()
    assert (code, seconds < 1 + 15) == (0, True)
    core.start(INSTANCE_ID="core-0")
    core.wait(run, 100)
    assert core.times(run) == once(run, 100)


@pytest.mark.real_broker("it does not fence")
def test_of_two_cores_with_one_name_the_first_leaves(core: Core) -> None:
    """The name is the transactional id and the group member: who comes later has it, the other one says why it goes."""
    run = unique("run")
    first = core.start(INSTANCE_ID="core-0")
    core.publish(run, range(100))
    core.wait(run, 100)
    second = core.start(ready=False, INSTANCE_ID="core-0")
    published = 100
    start = time.monotonic()
    while first.running:
        assert time.monotonic() - start < 10, f"both live:\n{first.last_lines()}"
        core.publish(run, range(published, published + 50))
        published += 50
        wait_until(lambda: not first.running or len(core.of_run(run)) >= published, "the part, or the end of the first")
    assert first.wait() == 70
    reasons = [line["message"] for line in map(json.loads, first.output().splitlines()) if line["event"] == "fatal"]
    assert len(reasons) == 1
    assert "another process runs with INSTANCE_ID core-0" in reasons[0]
    assert "give every instance an INSTANCE_ID of its own" in reasons[0]
    core.wait(run, published)
    assert second.running
    assert second.stop() == 0
    assert core.times(run) == once(run, published)


@pytest.mark.real_broker("it does not end the sessions of members that died")
def test_a_core_that_hangs_in_its_commit_holds_nobody_up(core: Core, proxy: KafkaProxy) -> None:
    """Its heart beats on, so that only max.poll.interval ends its membership. When it wakes up it takes part again."""
    run, part = unique("run"), 200
    hangs, gate = threading.Event(), threading.Event()

    def hang() -> None:
        hangs.set()
        gate.wait(120)

    first = core.start(KAFKA_BROKERS=proxy.address)
    second = core.start()
    core.publish(run, range(part))
    core.wait(run, part)
    proxy.at(Point(Api.END_TXN, Moment.UNANSWERED), hang, times=100)
    published = part
    start = time.monotonic()
    while not hangs.is_set():
        assert time.monotonic() - start < 20, "the first core has no partitions"
        core.publish(run, range(published, published + part))
        published += part
        wait_until(lambda: hangs.is_set() or len(core.of_run(run)) >= published, "the part, or the hanging commit")
    core.publish(run, range(published, published + part))
    published += part
    start = time.monotonic()
    core.wait(run, published)
    print(f"the other core has everything {time.monotonic() - start:.1f} s later")
    assert '"lost":true' not in first.output()
    proxy.pass_all()
    gate.set()
    first.wait_log('"lost":true')
    core.publish(run, range(published, published + part))
    core.wait(run, published + part)
    assert (first.stop(), second.stop()) == (0, 0)
    assert core.times(run) == once(run, published + part)


@pytest.mark.real_broker("its transactions leave no markers")
def test_an_idle_core_has_no_lag_behind_transactions(broker: Broker, core: Core) -> None:
    """The marker at the end of a transaction is an offset, too: a scaler that sees it never scales to zero."""
    run = unique("run")
    producer = Producer({"bootstrap.servers": broker.address, "transactional.id": run})
    producer.init_transactions(20)
    service = core.start()
    for part in range(3):
        producer.begin_transaction()
        for number in range(part * 20, (part + 1) * 20):
            event = {"event_type": "user.registered", "event_id": f"{run}-{number}", "email": "ada@recipient-leak.example"}
            producer.produce(core.input, json.dumps(event))
        if part == 1:
            producer.flush(20)
            producer.abort_transaction(20)
        else:
            producer.commit_transaction(20)
    wait_until(lambda: len(core.times(run)) == 40, "the notifications")
    wait_until(lambda: broker.lag(core.group, core.input) == 0, "a lag of nothing")
    quiet = service.metric("notificationhub_core_transactions_total", result="committed")
    time.sleep(2.5)  # In which nothing else must be committed.
    assert service.metric("notificationhub_core_transactions_total", result="committed") == quiet
    # The next process starts there, and misses nothing.
    assert service.stop() == 0
    core.publish(run, range(100, 150))
    service = core.start()
    wait_until(lambda: len(core.times(run)) == 90, "the notifications after the restart")
    assert set(core.times(run).values()) == {1}
    assert service.stop() == 0


@pytest.fixture
def narrow(broker: Broker, launcher: Launcher, config: ConfigFolder) -> Iterator[Core]:
    """A core whose topic of mails takes no batch beyond 200 kB."""
    core = Core(broker, launcher, config, {"max.message.bytes": "200000"})
    yield core
    launcher.stop_all()
    core.outputs.close()


@pytest.mark.real_broker("after an abort with a new epoch the next records do not come through")
def test_what_the_broker_refuses_goes_to_the_dead_letters_alone(narrow: Core) -> None:
    """All of them wait when the core starts: one transaction, of which one record is refused.

    It costs a second transaction, too, for the gap that it leaves, and librdkafka half a second for a new epoch.
    """
    run = unique("run")
    narrow.publish(run, range(150))
    narrow.publish(run, range(1000, 1001), name=random.Random(7).randbytes(300_000).hex())
    narrow.publish(run, range(150, 300))
    service = narrow.start()
    start = time.monotonic()
    narrow.wait(run, 301)
    seconds = time.monotonic() - start
    aborts = service.metric("notificationhub_core_transactions_total", result="aborted")
    print(f"isolated after {seconds:.2f} s and {aborts:g} aborts")
    assert narrow.times(run) == once(run, 300)
    letters = [record for record in narrow.of_run(run) if record.topic == narrow.dlq]
    assert [letter.header("x-dlq-error-code") for letter in letters] == ["refused_by_broker"]
    assert service.stop() == 0
    assert aborts <= 4
    assert seconds < 10
