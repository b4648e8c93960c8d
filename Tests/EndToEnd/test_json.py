"""The scanner of the hot path accepts what a strict parser accepts, refuses what it refuses, and reads the same."""

from __future__ import annotations

import random
import urllib.parse

import pytest

from localhub.processes import ROOT
from support.conformance import scan
from support.strict_json import canonical

pytestmark = pytest.mark.no_broker

SEED = 20261121
MUTATED = 30_000
CASES = ROOT / "Tests" / "Kit" / "JSONBytesTests" / "Fixtures" / "cases.txt"
EVENT = (
    '{"event_type":"order.created","event_id":"e-1","user_id":42,"amount":-99.90e+1,"paid":true,"note":null,'
    '"items":[{"sku":"A\\u00df\\n","qty":2},{}],"name":"Grüße 😀 \\ud83d\\ude00 \\ud83d","":[[],"\\\\\\"/"]}'
).encode()
# What a mutation inserts: the grammar's own characters, and what breaks strings, numbers and UTF-8.
PIECES = [bytes([byte]) for byte in b'{}[]:,"\\/bfnrtu0123456789.-+eE \t\r\n\0\x01\x1f\x7f\x80\xbf\xc3\xe2\xed\xf0\xf4\xff'] + [
    b"true", b"false", b"null", b"NaN", b"Infinity", b"\\u", b"\\ud83d", b"\\ude00", b"\\u0000", "é".encode(), "😀".encode(),
    b"\xed\xa0\x80", b"\xef\xbb\xbf", b"01", b"1e", b"1.5", b'"a":', b",,", b"//", b"\xc2\xa0",
]  # fmt: skip


def cases() -> dict[str, bytes]:
    lines = [line for line in CASES.read_text().splitlines() if line and not line.startswith("#")]
    return {name: urllib.parse.unquote_to_bytes(text) for name, text in (line.split(" ", 1) for line in lines)}


def is_deep(name: str) -> bool:
    return name.startswith("i_refuse_depth_")


def mutate(text: bytes, chance: random.Random) -> bytes:
    for _ in range(chance.randint(1, 4)):
        start = chance.randint(0, len(text))
        end = min(len(text), start + chance.choice((0, 0, 1, 1, 2, 5)))
        text = text[:start] + chance.choice((b"", *chance.choices(PIECES, k=3))) + text[end:]
    return text


def assert_agreement(texts: list[bytes]) -> int:
    """Compares every text, and returns how many both accept."""
    accepted = 0
    for text, own in zip(texts, scan(texts), strict=True):
        theirs = canonical(text)
        assert own == theirs, f"{text!r}: here {own!r}, Python {theirs!r}"
        accepted += theirs is not None
    return accepted


def test_every_case_is_decided_and_read_as_python_does() -> None:
    texts = [text for name, text in cases().items() if not is_deep(name)]
    accepted = assert_agreement(texts)
    assert accepted > 300 and len(texts) - accepted > 300


def test_only_the_depth_is_limited_more_strictly() -> None:
    deep = {name: text for name, text in cases().items() if is_deep(name)}
    assert deep and scan(list(deep.values())) == [None] * len(deep)


def test_the_names_of_the_cases_say_what_python_does() -> None:
    named = {name: text for name, text in cases().items() if name.startswith(("y_", "n_"))}
    wrong = [name for name, text in named.items() if (canonical(text) is not None) != name.startswith("y_")]
    assert wrong == []


def test_mutated_texts_are_decided_and_read_as_python_does() -> None:
    chance = random.Random(SEED)
    seeds = [EVENT, *(text for name, text in cases().items() if name.startswith("y_") and len(text) < 200)]
    texts = [mutate(chance.choice(seeds), chance) for _ in range(MUTATED)]
    texts += [mutate(EVENT, chance) for _ in range(MUTATED // 3)]
    accepted = assert_agreement(texts)
    # Both verdicts must be common, or the comparison says little.
    assert len(texts) / 10 < accepted < len(texts) * 9 / 10, f"seed {SEED}: {accepted} of {len(texts)} accepted"
