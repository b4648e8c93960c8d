"""notifyctl validate, explain, dry-run and schema: the routing table seen from outside."""

from __future__ import annotations

import json
import os
import re
import time
from html.parser import HTMLParser
from pathlib import Path

import pytest
from confluent_kafka import TopicPartition
from confluent_kafka.admin import NewTopic
from jsonschema import Draft7Validator, Draft202012Validator

from localhub.kafka import Broker
from localhub.processes import ROOT
from support.config import ConfigFolder
from support.hub import Hub
from support.names import unique
from support.notifyctl import Notifyctl
from test_configuration import REQUIRED

EVENT = {"event_type": "order.created", "event_id": "e1", "user_id": "test123", "order_id": "ORD001", "amount": 99.99}


@pytest.fixture
def offline(config: ConfigFolder) -> Notifyctl:
    return Notifyctl(None, CONFIG_DIR=str(config.path))


def write_event(folder: Path, **fields: object) -> str:
    file = folder / "event.json"
    file.write_text(json.dumps(EVENT | fields))
    return str(file)


# validate


def test_validate_accepts_what_is_shipped(offline: Notifyctl, config: ConfigFolder) -> None:
    answer = offline("validate", **REQUIRED)
    assert (answer.code, answer.err) == (0, "")
    for name in ("core", "email", "sms", "webhook", "slack", "routing", "endpoints", "contacts"):
        assert f"{config.path}/{name}.yaml: ok" in answer.out
    rows = offline("validate", "--output", "json", **REQUIRED).rows
    assert {"file": f"{config.path}/core.yaml", "ok": True} in rows and len(rows) == len(answer.out.splitlines())


def test_validate_names_every_fault_of_every_file_once(offline: Notifyctl, config: ConfigFolder) -> None:
    config.edit("core.yaml", lambda d: d.update(sesion_timeout="20s"))
    config.edit("sms.yaml", lambda d: d.update(worker_pool_size="many"))
    config.edit("routing.yaml", lambda d: d["routes"][0]["notify"][0].update(chanel="email"))
    config.edit("endpoints.yaml", lambda d: d["endpoints"]["sales"].update(rate="fast"))
    config.write("templates/order-created/email.text.mustache", "{{#open}}")
    answer = offline("validate", "--output", "json", **REQUIRED)
    faults = {(Path(fault["file"]).name, fault.get("key", "")) for fault in answer.rows}
    assert answer.code == 78 and len(answer.rows) == len(faults) == 5
    assert {name for name, _ in faults} == {"core.yaml", "sms.yaml", "routing.yaml", "endpoints.yaml", "email.text.mustache"}
    assert any(fault.get("suggestion") == "session_timeout" for fault in answer.rows)
    table = offline("validate", **REQUIRED)
    assert table.code == 78 and "5 faults" in table.err and "routing.yaml:" in table.out


def test_validate_takes_single_files_of_any_name(offline: Notifyctl, config: ConfigFolder, tmp_path: Path) -> None:
    assert offline("validate", str(config.path / "routing.yaml"), str(config.path / "contacts.yaml")).code == 0
    new = tmp_path / "new-routes.yaml"
    new.write_text("routes:\n  - event: a.b\n    notify: [{ channel: mail, to: [email] }]\n")
    answer = offline("validate", str(new))
    assert answer.code == 78 and f"{new}:3" in answer.out
    (tmp_path / "other.yaml").write_text("things: 1\n")
    assert "none of the keys routes, endpoints and contacts" in offline("validate", str(tmp_path / "other.yaml")).out
    assert offline("validate", str(tmp_path / "absent.yaml")).code == 78


# explain


def test_explain_says_which_routes_match_and_why_others_do_not(offline: Notifyctl, config: ConfigFolder, tmp_path: Path) -> None:
    def routes(document: dict) -> None:
        slack = [{"channel": "slack", "to": {"endpoint": "sales"}, "template": "order-created"}]
        big = {"amount": [{"numeric": [">", 1000]}], "order_id": [{"prefix": "ORD"}]}
        absent = {"customer": {"country": ["CH", "DE"]}}
        document["routes"] += [
            {"name": "big-order", "event": "order.*", "when": big, "notify": slack},
            {"name": "abroad", "event": "order.created", "when": absent, "notify": slack},
        ]

    config.edit("routing.yaml", routes)
    [explained] = offline.json("explain", write_event(tmp_path))
    why = {route["route"]: route.get("why") for route in explained["routes"]}
    assert why["order-created"] is None
    assert why["order-cancelled"] == "wants order.cancelled"
    assert why["big-order"] == 'amount is 99.99, wanted is [{"numeric":[">",1000]}]'
    assert why["abroad"] == 'customer.country is not there, wanted is ["CH","DE"]'
    assert explained["result"] == "3 notifications"
    text = offline("explain", write_event(tmp_path, amount=2000)).out
    assert "✓ big-order: matches" in text and "✗ abroad" in text and "4 notifications" in text


def test_explain_is_what_the_core_writes(hub: Hub, tmp_path: Path) -> None:
    """The notifications of a record in Kafka, byte for byte those that the core has made of it."""
    event_id = unique("explained")
    origin = hub.publish(EVENT | {"event_id": event_id, "user_id": "ada"}, key="k")
    written = {channel: hub.notification(event_id, channel) for channel in ("email", "webhook", "slack")}
    notifyctl = Notifyctl(hub.broker, **hub.environment)
    [explained] = notifyctl.json("explain", f"{origin.topic}:{origin.partition}:{origin.offset}")
    assert {record["channel"] for record in explained["records"]} == set(written)
    for record in explained["records"]:
        assert record["notification"] == written[record["channel"]].json
        assert record["key"] == "k"


def test_explain_says_why_an_event_is_rejected_or_dropped(offline: Notifyctl, tmp_path: Path) -> None:
    [dropped] = offline.json("explain", write_event(tmp_path, event_type="no.such"))
    assert dropped["result"].startswith("no route wants it") and dropped["records"] == []
    [rejected] = offline.json("explain", write_event(tmp_path, email=["x", 7], user_id="nobody"))
    assert rejected["rejected"] == "wrong_type"
    (tmp_path / "event.json").write_text("{")
    [broken] = offline.json("explain", str(tmp_path / "event.json"))
    assert broken["rejected"] == "not_json" and broken["routes"] == []
    [silent] = offline.json("explain", write_event(tmp_path, event_type="payment.success", user_id="nobody"))
    assert silent["records"][0]["status"]["class"] == "no_recipient"


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__()
        self.frames: list[str] = []
        self.tags: set[str] = set()
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list) -> None:
        self.tags.add(tag)
        if tag == "iframe":
            assert "sandbox" in dict(attributes)
            self.frames.append(dict(attributes)["srcdoc"])


def test_explain_writes_a_page_where_nothing_runs(offline: Notifyctl, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    answer = offline("explain", write_event(tmp_path, order_id="<script>alert(1)</script>"), "--html", str(page))
    assert answer.code == 0
    parsed = Page(page.read_text())
    assert "script" not in parsed.tags and len(parsed.frames) == 1
    assert "&lt;script&gt;" in parsed.frames[0] and "default-src 'none'" in page.read_text()
    assert offline("explain", write_event(tmp_path), "--html", "/nowhere/page.html").code == 70


@pytest.mark.parametrize(
    ("event", "code", "sentence"),
    [("absent.json", 64, "absent.json cannot be read"), ("no.such.topic:0:1", 64, "there is no topic no.such.topic"),
     ("order.events:99:0", 64, "has no partition 99"), ("order.events:0:99999999", 70, "is not there yet")],
)  # fmt: skip
def test_explain_of_what_is_not_there(broker: Broker, event: str, code: int, sentence: str) -> None:
    answer = Notifyctl(broker)("explain", event)
    assert (answer.code, answer.err.count("\n")) == (code, 1) and sentence in answer.err


@pytest.mark.real_broker("it cannot delete records")
def test_explain_of_what_retention_has_removed(broker: Broker) -> None:
    topic = unique("e2e.removed")
    broker.create_topics([NewTopic(topic, 1, 1)])
    for number in range(3):
        broker.publish(topic, EVENT | {"event_id": f"r{number}"})
    for removal in broker.admin.delete_records([TopicPartition(topic, 0, 2)]).values():
        removal.result(20)
    answer = Notifyctl(broker)("explain", f"{topic}:0:1")
    assert (answer.code, answer.err.count("\n")) == (70, 1)
    assert f"{topic}[0] starts at offset 2 (retention or a purge removed the rest)" in answer.err
    assert Notifyctl(broker)("explain", f"{topic}:0:2").code == 0


# dry-run


@pytest.fixture
def traffic(broker: Broker, config: ConfigFolder) -> Notifyctl:
    """90 events in an input topic of their own: 60 orders, 20 failed payments, 10 of no interest."""
    topic = unique("order.events")
    broker.create_topics([NewTopic(topic, 3, 1)])
    config.edit("core.yaml", lambda document: document["topics"].update(inputs=[topic]))
    events = [EVENT | {"event_id": f"o{i}", "amount": i} for i in range(60)]
    events += [{"event_type": "payment.failed", "event_id": f"p{i}", "user_id": "test123"} for i in range(20)]
    events += [{"event_type": "nothing", "event_id": f"n{i}"} for i in range(10)]
    broker.publish_all([(topic, event, event["event_id"], []) for event in events])
    return Notifyctl(broker, CONFIG_DIR=str(config.path))


def test_dry_run_counts_by_route_and_channel(traffic: Notifyctl) -> None:
    [run] = traffic.json("dry-run", "--from", "1h")
    counts = {(cell["route"], cell["channel"]): cell["count"] for cell in run["before"]["notifications"]}
    assert run["events"] == 90 and run["before"]["unrouted"] == 10 and run["before"]["rejected"] == 0
    assert counts == {("order-created", "email"): 60, ("order-created", "webhook"): 60, ("order-created", "slack"): 60,
                      ("payment-failed", "email"): 20, ("payment-failed", "sms"): 20}  # fmt: skip
    assert traffic.json("dry-run", "--from", "2h", "--to", "1h")[0]["events"] == 0
    assert "order-created" in traffic("dry-run", "--from", "1h").out


def test_dry_run_shows_the_difference_of_a_second_table(traffic: Notifyctl, config: ConfigFolder) -> None:
    def change(document: dict) -> None:
        document["routes"][0]["notify"] = [
            entry for entry in document["routes"][0]["notify"] if entry["channel"] != "webhook"
        ]
        document["routes"][0]["notify"][0]["priority"] = "high"
        sms = {"channel": "sms", "to": ["phone", "contact.phone"], "template": "payment-failed"}
        document["routes"].append(
            {"name": "big", "event": "order.created", "when": {"amount": [{"numeric": [">=", 48]}]}, "notify": [sms]}
        )

    (config.path / "new.yaml").write_text((config.path / "routing.yaml").read_text())
    config.edit("new.yaml", change)
    new = str(config.path / "new.yaml")
    [run] = traffic.json("dry-run", "--from", "1h", "--routing", new, "--examples", "2")
    assert run["difference"] == "+12 sms, -60 webhook, ~60 email"
    assert (run["added"], run["removed"], run["changed"]) == ({"sms": 12}, {"webhook": 60}, {"email": 60})
    assert len(run["examples"]) == 6
    example = next(example for example in run["examples"] if example["change"] == "added")
    assert (example["route"], example["event_type"]) == ("big", "order.created")
    [explained] = traffic.json("explain", example["at"], "--routing", new)
    assert example["id"] in [record["notification"]["id"] for record in explained["records"]]
    assert "+12 sms, -60 webhook, ~60 email" in traffic("dry-run", "--from", "1h", "--routing", new).out
    same = traffic("dry-run", "--from", "1h", "--routing", str(config.path / "routing.yaml"))
    assert "no difference" in same.out


def test_dry_run_refuses_a_bad_table_and_bad_times(traffic: Notifyctl, config: ConfigFolder) -> None:
    (config.path / "bad.yaml").write_text("routes:\n  - event: 7x.*y\n")
    assert traffic("dry-run", "--from", "1h", "--routing", str(config.path / "bad.yaml")).code == 78
    assert "needs --from" in traffic("dry-run").err
    assert "--from must be before --to" in traffic("dry-run", "--from", "1h", "--to", "2h").err
    assert traffic("dry-run", "--from", "1h", "--to", "1m").code == 0


# schema


def test_the_asyncapi_document_is_valid_and_made_from_the_table(offline: Notifyctl, config: ConfigFolder) -> None:
    folder = os.environ.get("ASYNCAPI_SCHEMAS")
    if not folder:
        pytest.skip("ASYNCAPI_SCHEMAS does not name the folder of AsyncAPI's own JSON Schemas")
    schema = json.loads((Path(folder) / "asyncapi-3.0.0.json").read_text())
    config.edit("routing.yaml", lambda d: d["routes"].append(
        {"name": "all-orders", "event": "order.*", "when": {"order": {"total": [{"exists": True}]}},
         "notify": [{"channel": "sms", "to": ["buyer.phone"], "template": "order-cancelled"}]}))  # fmt: skip
    [document] = [json.loads(offline("schema").out)]
    assert [error.message for error in Draft7Validator(schema).iter_errors(document)] == []
    assert set(document["channels"]["order.events"]["messages"]) == {"order.created", "order.cancelled", "order.any"}
    payload = document["components"]["messages"]["order.any"]["payload"]
    assert {"event_type", "order", "buyer"} <= set(payload["properties"])
    assert document["operations"]["send.notifications.sms"]["x-routes"] == ["order-cancelled", "payment-failed", "all-orders"]

    def resolve(reference: str) -> None:
        value = document
        for step in reference.removeprefix("#/").split("/"):
            value = value[step]

    references = re.findall(r'"\$ref": "(#/[^"]*)"', json.dumps({k: v for k, v in document.items() if k != "components"}))
    assert len(references) > 10
    for reference in references:
        resolve(reference)


def test_schemas_are_the_published_ones_and_fit_real_records(offline: Notifyctl, hub: Hub) -> None:
    for kind in ("notification", "status"):
        assert json.loads(offline("schema", kind).out) == json.loads((ROOT / f"docs/schemas/{kind}.schema.json").read_text())
    event = json.loads(offline("schema", "event").out)
    Draft202012Validator.check_schema(event)
    validator = Draft202012Validator(event)
    assert validator.is_valid(EVENT) and validator.is_valid(EVENT | {"event_id": 7})
    assert not validator.is_valid({"event_id": "x"}) and not validator.is_valid([])
    assert offline("schema", "mail").code == 64


# send and status


def test_send_explain_and_status_follow_one_event(hub: Hub) -> None:
    notifyctl = Notifyctl(hub.broker, **hub.environment)
    [sent] = notifyctl.json("send", "order.created", "user_id=ada", "order_id=ORD7", "amount=12.50", "note=12 a", 'tags=["x"]', "a.b=1")
    event = sent["event"]
    assert (event["amount"], event["note"], event["tags"], event["a"]) == (12.5, "12 a", ["x"], {"b": 1})
    assert sent["key"] == "ada" and len(event["event_id"]) == 32
    assert time.strptime(event["timestamp"], "%Y-%m-%dT%H:%M:%S.%fZ")
    notification = hub.notification(event["event_id"], "email").json
    [explained] = notifyctl.json("explain", sent["at"])
    assert notification["id"] in [record["notification"]["id"] for record in explained["records"]]
    hub.status(id=notification["id"], final=True)
    [status] = notifyctl.json("status", "get", notification["id"])
    assert (status["status"], status["attempt"], status["final"], status["user_id"]) == ("sent", 1, True, "ada")
    for channel in ("webhook", "slack"):
        hub.status(id=hub.notification(event["event_id"], channel).json["id"], final=True)
    assert {row["channel"] for row in notifyctl.json("status", "get", event["event_id"])} == {"email", "webhook", "slack"}
    assert "sent" in notifyctl("status", "get", notification["id"]).out
    tail = ["status", "tail", "--no-follow", "--since", "1h", "--user", "ada"]
    assert notification["id"] in {row["id"] for row in notifyctl.json(*tail)}
    assert {row["channel"] for row in notifyctl.json(*tail, "--channel", "slack")} == {"slack"}
    unknown = notifyctl("status", "get", "nothing-like-it")
    assert (unknown.code, unknown.out) == (0, "") and "no status of nothing-like-it" in unknown.err


def test_status_tail_follows_and_ends_by_a_signal(hub: Hub) -> None:
    import subprocess

    notifyctl = Notifyctl(hub.broker, **hub.environment)
    process = notifyctl.start("status", "tail", "--since", "1m", "--user", "juan", "--output", "json", stdout=subprocess.PIPE)
    assert process.stdout
    [sent] = notifyctl.json("send", "user.registered", "user_id=juan")
    line = json.loads(process.stdout.readline())
    assert line["user_id"] == "juan"
    process.terminate()
    assert process.wait(20) == 0
    assert sent["topic"] == "user.events"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["send", "order.created", "user_id"], "must be key=value"), (["send", "order.created", "a=1", "a=2"], "given twice"),
     (["send", "order.created", "a=1", "a.b=2"], "inside of something that is no object"),
     (["send", "shipping.done"], "--topic must say which of order.events, payment.events, user.events")],
)  # fmt: skip
def test_send_refuses_what_it_cannot_understand(offline: Notifyctl, arguments: list[str], sentence: str) -> None:
    answer = offline(*arguments)
    assert (answer.code, answer.err.count("\n")) == (64, 1) and sentence in answer.err
