"""The ids that the real mapping makes are those of Python's uuid.uuid5, whatever the parts of the name are."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from support.conformance import map_records
from support.names import notification_id

pytestmark = pytest.mark.no_broker

SEED = 20261121
EVENTS = 4_000
TOPIC = "order.events"

ROUTING = """
routes:
  - name: every-event
    event: "*"
    notify:
      - { channel: email, to: [email], template: word }
      - { channel: email, name: copy, to: [emails], template: word }
      - { channel: sms, to: [phone], template: word }
      - { channel: webhook, to: { endpoint: orders } }
      - { channel: webhook, name: callback, to: { url: [callback_url], endpoint: orders } }
      - { channel: slack, to: { endpoint: sales }, template: word }
  - name: Second.route_2
    event: [order.created]
    notify:
      - { channel: slack, to: [slack], template: word }
"""
PARTS = ("email.subject", "email.text", "sms.text", "slack.text")

# What could be mistaken for a separator or an end, needs escapes in JSON, or takes 2, 3 and 4 bytes of UTF-8.
ALPHABET = list("abcxyzABCXYZ0189-_./:@ ") + list('\n\r\t"\\\0\x01\x1f\x7f') + list("éßñÄŽЖ中文かな\u2028\ufeff\ufffd😀👩‍👩‍👧𝒳")
# No Σ: its lower case depends on the letters around it in Python, and not here.
DOMAIN = list("abcXYZ019-.") + list("ÄÖÜéŽЖ中😀")
RECIPIENT = {"email": "email", "sms": "phone", "webhook": "endpoint", "slack": "endpoint"}


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    (tmp_path / "routing.yaml").write_text(ROUTING)
    folder = tmp_path / "templates" / "word"
    folder.mkdir(parents=True)
    for part in PARTS:
        (folder / f"{part}.mustache").write_text("{{event.type}}")
    return tmp_path


class Generator:
    """Events as they may come, and for each what the contract says about its notifications."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)

    def text(self, alphabet: list[str] | None = None) -> str:
        length = self.chance.choice((1, 1, 2, 3, 8, 20, 60, 63, 64, 65, 200, 5_000))
        return "".join(self.chance.choices(alphabet or ALPHABET, k=length))

    def address(self) -> tuple[str, str]:
        """An address as written, and in its normal form."""
        local, domain = self.text().strip(" \t") or "x", self.text(DOMAIN)
        blanks = self.chance.choice(("", " ", "\t ", "  "))
        return f"{blanks}{local}@{domain}{blanks}", f"{local}@{domain.lower()}"

    def phone(self) -> tuple[str, str]:
        digits = "".join(self.chance.choices("0123456789", k=self.chance.randint(3, 15)))
        written = "".join(digit + self.chance.choice(("", "", " ", "-", ".", ")", "(")) for digit in digits)
        return f"+{written}", f"+{digits}"

    def event(self, offset: int) -> tuple[dict, set[tuple[str, str, str]]]:
        """A record, and its (route, channel, recipient) by the contract."""
        data: dict = {}
        expected = {("every-event", "webhook", "orders"), ("every-event", "slack", "sales")}
        addresses = [self.address() for _ in range(self.chance.randint(1, 3))]
        data["email"] = addresses[0][0]
        expected.add(("every-event", "email", addresses[0][1]))
        # Doubles give one notification.
        data["emails"] = [written for written, _ in addresses + addresses[:1]]
        expected |= {("every-event/copy", "email", normal) for _, normal in addresses}
        data["phone"], phone = self.phone()
        data["callback_url"], data["slack"] = self.text(), self.text()
        expected |= {("every-event", "sms", phone), ("every-event/callback", "webhook", data["callback_url"])}
        expected.add(("Second.route_2", "slack", data["slack"]))
        form = self.chance.choice((self.plain, self.binary, self.structured))
        return form(data, offset), expected

    def plain(self, data: dict, offset: int) -> dict:
        number, identifier = self.number(), self.text()
        choice = self.chance.choice(("text", "number", "none", "empty"))
        named = {"text": {"event_id": identifier}, "number": {"event_id": 0}, "none": {}, "empty": {"event_id": ""}}[choice]
        value = self.write({"event_type": "order.created", **named, **data})
        if choice == "number":
            value = value.replace('"event_id": 0', f'"event_id": {number}')
        derived = f"{TOPIC}-3-{offset}"
        self.name = (TOPIC, {"text": identifier, "number": number}.get(choice, derived))
        return record(offset, value)

    def binary(self, data: dict, offset: int) -> dict:
        self.name = (self.text(), self.text())
        headers = {"ce_specversion": "1.0", "ce_type": "order.created", "ce_source": self.name[0], "ce_id": self.name[1]}
        return record(offset, self.write(data), headers)

    def structured(self, data: dict, offset: int) -> dict:
        self.name = (self.text(), self.text())
        event = {"specversion": "1.0", "type": "order.created", "source": self.name[0], "id": self.name[1], "data": data}
        return record(offset, self.write(event), {"content-type": "application/cloudevents+json"})

    def number(self) -> str:
        return self.chance.choice(("0", "-0", "42", "1e3", "1.50", "12345678901234567890123", "-7.25E-2"))

    def write(self, value: dict) -> str:
        """With and without escapes for what is not ASCII."""
        return json.dumps(value, ensure_ascii=self.chance.random() < 0.5)


def record(offset: int, value: str, headers: dict[str, str] | None = None) -> dict:
    return {"topic": TOPIC, "partition": 3, "offset": offset, "value": value, "headers": list((headers or {}).items())}


def recipient(notification: dict) -> str:
    found = notification["recipient"]
    return found.get("url") or found[RECIPIENT[notification["channel"]]]


def test_ids_are_those_of_python(routes: Path) -> None:
    generator = Generator(SEED)
    records, names, expectations = [], [], []
    for offset in range(EVENTS):
        written, expected = generator.event(offset)
        records.append(written)
        names.append(generator.name)
        expectations.append(expected)
    seen = set()
    for (source, event_id), expected, answer in zip(names, expectations, map_records(routes, records), strict=True):
        assert isinstance(answer, list), f"seed {SEED}: {answer} for the event {event_id!r} of {source!r}"
        found = {(body["route"], body["channel"], recipient(body)): body["id"] for body in answer}
        assert found == {key: notification_id(source, event_id, key[0], key[1], key[2]) for key in expected}
        assert len(answer) == len(expected)
        seen.update(found.values())
    assert len(seen) > 6 * EVENTS


def test_the_parts_of_a_name_are_joined_as_the_contract_says(routes: Path) -> None:
    """A line feed inside of a part is taken as it is: two events may then share an id, as the formula has it."""
    one = record(1, '{"event_type":"order.created","event_id":"a\\nb","email":"x@y.z"}')
    two = record(2, '{"event_type":"order.created","event_id":"b","email":"x@y.z"}') | {"topic": f"{TOPIC}\na"}
    first, second = (answer[0]["id"] for answer in map_records(routes, [one, two]))
    assert first == second == notification_id(TOPIC, "a\nb", "every-event", "email", "x@y.z")
