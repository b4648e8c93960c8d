"""Builds the small C programs of a benchmark."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from .failure import Failure

COMPILERS = ("gcc", "clang", "cc")


def build(source: Path, program: Path, *libraries: str) -> Path:
    compiler = next(filter(shutil.which, COMPILERS), None)
    if compiler is None:
        raise Failure(f"there is no C compiler for {source.name}: install gcc or clang")
    command = [compiler, "-O2", "-o", str(program), str(source), *(f"-l{name}" for name in libraries)]
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Failure(f"{source.name} does not compile: {result.stderr.strip()}")
    return program
