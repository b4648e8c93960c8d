"""What a run shows while it goes on; the same look as scripts/lib/ui.sh."""

from __future__ import annotations

import os
import sys
import time

COLOURED = sys.stdout.isatty() and not os.environ.get("NO_COLOR")


def paint(code: str, text: str) -> str:
    return f"\033[{code}m{text}\033[0m" if COLOURED else text


def title(text: str) -> None:
    print(f"\n{paint('1', text)}", flush=True)


def note(text: str) -> None:
    print(f"  {paint('2', text)}", flush=True)


def warn(text: str) -> None:
    print(f"  {paint('33', '!')} {text}", flush=True)


class Step:
    """`with Step("limit") as step`: one line, with the `result` that the block leaves and the time it took."""

    def __init__(self, text: str) -> None:
        self._text = text
        self.result = ""

    def __enter__(self) -> Step:
        self._began = time.monotonic()
        if sys.stdout.isatty():
            print(f"  … {self._text}", end="\r", flush=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        mark = paint("32", "✓") if kind is None else paint("31", "✗")
        seconds = f"{time.monotonic() - self._began:.1f} s"
        print(f"  {mark} {self._text:<24} {self.result:<44} {paint('2', f'{seconds:>8}')}", flush=True)
