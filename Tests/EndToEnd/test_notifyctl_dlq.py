"""notifyctl dlq: what is in the queues, back to where it came from, and out."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from confluent_kafka.admin import NewTopic

from localhub.http_receiver import Answer, HTTPReceiver, Request
from localhub.kafka import Broker, Record, TopicReader
from localhub.waiting import wait_until
from support import notifications
from support.core import Core
from support.names import WEBHOOK_SECRET, unique
from support.notifyctl import Notifyctl, dead_letter_headers


@dataclass(frozen=True)
class Queue:
    """A dead letter topic, the topic its letters came from, and a reader of the latter."""

    broker: Broker
    topic: str
    main: str
    returned: TopicReader

    def put(self, count: int, error_class: str = "exhausted", redrives: int = 0, prefix: str = "n") -> list[Record]:
        own = [("x-tenant", b"\x00blue"), ("ce_type", b"notification.email")]
        return self.broker.publish_all(
            [
                (self.topic, {"id": f"{prefix}{i}"}, f"user-{i % 5}", own + dead_letter_headers(self.main, i, error_class, redrives))
                for i in range(count)
            ]
        )

    def ids(self) -> list[str]:
        return [record.json["id"] for record in self.returned.records.all()]


@pytest.fixture
def queue(broker: Broker) -> Iterator[Queue]:
    main = unique("e2e.main")
    broker.create_topics([NewTopic(main, 3, 1), NewTopic(f"{main}.dlq", 2, 1)])
    queue = Queue(broker, f"{main}.dlq", main, TopicReader(broker, [main], from_beginning=True))
    yield queue
    queue.returned.close()


@pytest.fixture
def notifyctl(broker: Broker) -> Notifyctl:
    return Notifyctl(broker)


def test_ls_and_show_filter_by_class_reason_key_id_time_and_place(queue: Queue, notifyctl: Notifyctl) -> None:
    queue.put(6, "exhausted", prefix="a")
    queue.put(4, "permanent", prefix="b")
    ls = lambda *filters: {row["id"] for row in notifyctl.json("dlq", "ls", queue.topic, *filters)}  # noqa: E731
    assert len(ls()) == 10
    assert ls("--class", "permanent") == {"b0", "b1", "b2", "b3"}
    assert ls("--class", "permanent", "--key", "user-1") == {"b1"}
    assert ls("--id", "a3", "--id", "b2") == {"a3", "b2"}
    assert ls("--reason", "answered 500") == ls("--reason", "http_500") == ls()
    assert ls("--reason", "refused") == set()
    assert ls("--since", "1h") == ls() and ls("--until", "1h") == set()
    assert ls("--since", "2026-01-01", "--until", "2999-01-01T00:00:00Z") == ls()
    [row] = notifyctl.json("dlq", "ls", queue.topic, "--id", "b2")
    [shown] = notifyctl.json("dlq", "show", queue.topic, "--at", row["at"])
    assert (shown["class"], shown["code"], shown["attempts"], shown["key"]) == ("permanent", "http_500", 9, "user-2")
    assert shown["headers"]["x-tenant"] == "\x00blue" and json.loads(shown["value"]) == {"id": "b2"}
    assert shown["origin"] == f"{queue.main}:0:2"


def test_redrive_is_a_dry_run_until_it_is_told_otherwise(queue: Queue, notifyctl: Notifyctl) -> None:
    queue.put(10)
    answer = notifyctl("dlq", "redrive", queue.topic, "--output", "json")
    assert answer.code == 0 and "nothing was done: add --yes" in answer.err
    assert answer.rows[0] == {"queue": queue.topic, "dry_run": True, "would_redrive": 10, queue.main: 10}
    [row] = notifyctl.json("dlq", "redrive", queue.topic, "--yes")
    assert (row["dry_run"], row["redriven"]) == (False, 10)
    queue.returned.records.wait(10)
    assert len(queue.ids()) == 10, "the dry run has sent something"


def test_redriven_records_are_the_originals_and_one_header(queue: Queue, notifyctl: Notifyctl) -> None:
    [letter] = queue.put(1, redrives=1)
    print(notifyctl.json("dlq", "redrive", queue.topic, "--yes"))
    [record] = queue.returned.records.wait(1)
    assert (record.key, record.value) == (letter.key, letter.value)
    assert record.headers == [("x-tenant", b"\x00blue"), ("ce_type", b"notification.email"), ("x-dlq-redrive-count", b"2")]


def test_filters_pick_in_any_order_and_nothing_goes_twice(queue: Queue, notifyctl: Notifyctl) -> None:
    queue.put(20, "exhausted", prefix="a")
    queue.put(20, "permanent", prefix="b")
    redrive = lambda *filters: notifyctl.json("dlq", "redrive", queue.topic, "--yes", *filters)[0]["redriven"]  # noqa: E731
    assert redrive("--class", "permanent") == 20
    assert redrive("--class", "permanent") == 0
    assert redrive("--limit", "7") == 7
    queue.put(5, "permanent", prefix="c")
    assert redrive() == 18
    queue.returned.records.wait(45)
    assert collections.Counter(queue.ids()) == {f"{p}{i}": 1 for p, n in (("a", 20), ("b", 20), ("c", 5)) for i in range(n)}
    assert notifyctl.json("dlq", "ls", queue.topic) == []
    assert {row["state"] for row in notifyctl.json("dlq", "ls", queue.topic, "--all")} == {"done"}


def test_a_kill_in_the_middle_loses_nothing_and_repeats_one_batch_at_most(queue: Queue, notifyctl: Notifyctl) -> None:
    queue.put(600)
    process = notifyctl.start("dlq", "redrive", queue.topic, "--yes", "--rate", "150", "--batch", "25")
    wait_until(lambda: len(queue.ids()) >= 130, "a part to be redriven", 40)
    process.kill()
    process.wait()
    assert len(queue.ids()) < 600, "it was killed too late to prove anything"
    notifyctl.json("dlq", "redrive", queue.topic, "--yes")
    wait_until(lambda: len(set(queue.ids())) == 600, "every record")
    counts = collections.Counter(queue.ids())
    assert set(counts.values()) <= {1, 2}
    assert sum(count - 1 for count in counts.values()) <= 25
    assert notifyctl.json("dlq", "redrive", queue.topic, "--yes")[0]["redriven"] == 0


def test_a_stop_is_clean_and_the_next_run_goes_on(queue: Queue, notifyctl: Notifyctl) -> None:
    queue.put(300)
    process = notifyctl.start("dlq", "redrive", queue.topic, "--yes", "--rate", "100")
    wait_until(lambda: len(queue.ids()) >= 50, "a part to be redriven", 40)
    process.terminate()
    assert process.wait(20) == 0
    assert len(queue.ids()) < 300, "it was stopped too late to prove anything"
    notifyctl.json("dlq", "redrive", queue.topic, "--yes")
    wait_until(lambda: len(queue.ids()) >= 300, "every record")
    assert set(collections.Counter(queue.ids()).values()) == {1}


def test_two_redrives_at_once_share_the_work(queue: Queue, notifyctl: Notifyctl) -> None:
    queue.put(400)
    processes = [notifyctl.start("dlq", "redrive", queue.topic, "--yes", "--rate", "100", "--batch", "20") for _ in range(2)]
    assert [process.wait(90) for process in processes] == [0, 0]
    notifyctl.json("dlq", "redrive", queue.topic, "--yes")
    wait_until(lambda: len(set(queue.ids())) == 400, "every record")
    # One batch may be under way on each side when the group changes.
    assert len(queue.ids()) <= 400 + 2 * 20


def test_foreign_records_are_shown_and_left_alone(queue: Queue, notifyctl: Notifyctl, broker: Broker) -> None:
    broker.publish(queue.topic, b"\xff\x00not ours", "k", [("other", b"system")])
    broker.publish(queue.topic, None, None)
    queue.put(3)
    [*rows] = notifyctl.json("dlq", "ls", queue.topic)
    assert sorted(row["state"] for row in rows) == ["foreign", "foreign", "open", "open", "open"]
    shown = notifyctl("dlq", "show", queue.topic, "--key", "k")
    assert "0xff006e6f74206f757273" in shown.out and "none of our headers" in shown.err
    answer = notifyctl("dlq", "redrive", queue.topic, "--yes", "--output", "json")
    assert answer.code == 0 and answer.rows[0]["left_foreign"] == 2 and answer.rows[0]["redriven"] == 3
    assert "2 records left alone: they have none of our headers" in answer.err
    assert notifyctl.json("dlq", "purge", queue.topic, "--open", "--yes")[0]["left_foreign"] == 2
    assert len(notifyctl.json("dlq", "ls", queue.topic)) == 2
    assert notifyctl.json("dlq", "purge", queue.topic, "--foreign", "--yes")[0]["purged"] == 2
    assert notifyctl.json("dlq", "ls", queue.topic, "--all") == []


def test_what_cannot_go_back_is_left_with_its_reason(queue: Queue, notifyctl: Notifyctl, broker: Broker) -> None:
    gone = dead_letter_headers("no.such.topic", 0)
    cut = dead_letter_headers(queue.main, 0) + [("x-dlq-truncated", b"3000000")]
    loop = dead_letter_headers(queue.topic, 0)
    for headers in (gone, cut, loop):
        broker.publish(queue.topic, {"id": "x"}, "k", headers)
    queue.put(2, redrives=3)
    [row] = notifyctl.json("dlq", "redrive", queue.topic, "--yes")
    assert (row["redriven"], row["left_no_topic"], row["left_truncated"], row["left_redriven_too_often"]) == (0, 2, 1, 2)
    assert notifyctl.json("dlq", "redrive", queue.topic, "--yes", "--max-redrives", "4")[0]["redriven"] == 2


@pytest.mark.real_broker("it cannot delete records")
def test_purge_deletes_from_the_beginning_and_says_what_is_gone(queue: Queue, notifyctl: Notifyctl, broker: Broker) -> None:
    broker.publish_all(
        [(queue.topic, {"id": f"n{i}"}, "k", dead_letter_headers(queue.main, i, "permanent" if i < 4 or i == 6 else "exhausted")) for i in range(8)],
        partition=1,
    )  # fmt: skip
    answer = notifyctl("dlq", "purge", queue.topic, "--class", "permanent", "--output", "json")
    assert answer.rows[0] == {"queue": queue.topic, "dry_run": True, "would_purge": 5, "deleted": 4}
    assert len(notifyctl.json("dlq", "ls", queue.topic)) == 8
    notifyctl.json("dlq", "purge", queue.topic, "--class", "permanent", "--yes")
    assert [row["id"] for row in notifyctl.json("dlq", "ls", queue.topic)] == ["n4", "n5", "n7"]
    assert [row["id"] for row in notifyctl.json("dlq", "ls", queue.topic, "--all")] == ["n4", "n5", "n6", "n7"]
    gone = notifyctl("dlq", "show", queue.topic, "--at", "1:2")
    assert gone.code == 70 and f"{queue.topic}:1:2 is gone" in gone.err and "starts at offset 4" in gone.err
    assert notifyctl("dlq", "show", queue.topic, "--at", "1:99").code == 70
    assert notifyctl("dlq", "show", queue.topic, "--at", "7:0").code == 64
    notifyctl.json("dlq", "redrive", queue.topic, "--yes")
    assert notifyctl.json("dlq", "purge", queue.topic, "--yes")[0]["deleted"] == 4
    assert notifyctl.json("dlq", "ls", queue.topic, "--all") == []


def test_events_go_back_to_the_core_and_count(core: Core, broker: Broker, notifyctl: Notifyctl) -> None:
    core.start()
    broken = {"event_type": "user.registered", "event_id": "e1", "email": {"not": "text"}}
    broker.publish(core.input, broken, "k", [("x-own", b"1")])
    first = core.outputs.records.one(lambda r: r.topic == core.dlq, what="rejection")
    assert first.header("x-dlq-redrive-count") == "0"
    assert notifyctl.json("dlq", "redrive", core.dlq, "--yes")[0][core.input] == 1
    second = core.outputs.records.wait(2, lambda r: r.topic == core.dlq, what="rejections")[-1]
    assert (second.key, second.value, second.headers[0]) == (first.key, first.value, ("x-own", b"1"))
    assert second.header("x-dlq-redrive-count") == "1"


def test_redrive_while_consumers_run_keeps_headers_counts_and_ends_at_the_maximum(
    make_rig, notifyctl: Notifyctl
) -> None:
    """Some notifications can be delivered after a while, others never can: none loops, none is lost."""
    mended: set[str] = set()

    def answer(request: Request) -> Answer:
        return Answer(204) if request.header_map["webhook-id"] in mended else Answer(400)

    receiver = HTTPReceiver("endpoint", answer)
    rig = make_rig("webhook", {"ORDERS_WEBHOOK_URL": receiver.url, "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET})
    rig.start()
    try:
        sent = [notifications.webhook() for _ in range(20)]
        origins = rig.publish(*sent)
        for origin in origins:
            assert rig.dead_letter(origin).header("x-dlq-redrive-count") == "0"
        mended |= {notification["id"] for notification in sent[:12]}
        fresh = [notifications.webhook() for _ in range(5)]
        mended |= {notification["id"] for notification in fresh}

        def letters(count: int) -> list[Record]:
            return [record for record in rig.dead_letters() if record.header("x-dlq-redrive-count") == str(count)]

        redrive = lambda: notifyctl.json("dlq", "redrive", rig.dlq_topic, "--yes", "--max-redrives", "2")[0]  # noqa: E731
        assert redrive()["redriven"] == 20
        rig.publish(*fresh)
        wait_until(lambda: len(letters(1)) == 8, "the still failing ones to come back")
        for notification in [*sent[:12], *fresh]:
            receiver.requests.one(lambda r: r.header_map["webhook-id"] == notification["id"] and r.at > 0)
            wait_until(lambda: rig.statuses(notification)[-1]["status"] == "delivered", "its delivery")
        assert redrive()["redriven"] == 8
        wait_until(lambda: len(letters(2)) == 8, "them to come back again")
        third = redrive()
        assert (third["redriven"], third["left_redriven_too_often"]) == (0, 8)

        failing = {notification["id"] for notification in sent[12:]}
        for letter in letters(2):
            notification = next(n for n in sent if n["id"] == letter.json["id"])
            assert letter.json["id"] in failing
            assert letter.headers[: len(notifications.headers_of(notification))] == notifications.headers_of(notification)
            assert letter.key == notification["user_id"].encode() and letter.json == notification
            assert len({name for name, _ in letter.headers}) == len(letter.headers), "a header was doubled"
        requests = collections.Counter(r.header_map["webhook-id"] for r in receiver.requests.all())
        assert {requests[i] for i in failing} == {3}
        assert {requests[n["id"]] for n in sent[:12]} == {2} and {requests[n["id"]] for n in fresh} == {1}
    finally:
        receiver.close()
