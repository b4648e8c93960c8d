"""Python's JSON parser, held to RFC 8259: the reference that the scanner is compared with."""

from __future__ import annotations

import json
import re

LONE_SURROGATE = re.compile("[\ud800-\udfff]")
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"} | {
    chr(code): f"\\u{code:04x}" for code in range(0x20) if chr(code) not in "\n\r\t"
}


class Number(str):
    """A number as its text."""


class Members(list):
    """An object as its pairs, in their order, doubled names included."""


def canonical(text: bytes) -> bytes | None:
    """The value written again without white space and with the fewest escapes; None where the text is no JSON."""
    try:
        value = json.loads(
            text.decode("utf-8"), parse_int=Number, parse_float=Number, parse_constant=refuse, object_pairs_hook=Members
        )
    except ValueError:
        return None
    return write(value).encode()


def refuse(name: str) -> None:
    """NaN and the infinities, which Python takes for numbers."""
    raise ValueError(name)


def write(value: object) -> str:
    if isinstance(value, Members):
        return "{" + ",".join(f"{string(name)}:{write(member)}" for name, member in value) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(write, value)) + "]"
    if isinstance(value, Number):
        return str(value)
    if isinstance(value, str):
        return string(value)
    return {None: "null", True: "true", False: "false"}[value]


def string(text: str) -> str:
    """Half of a surrogate pair, which Python keeps, is written as U+FFFD."""
    text = LONE_SURROGATE.sub("\ufffd", text)
    return '"' + "".join(ESCAPES.get(character, character) for character in text) + '"'
