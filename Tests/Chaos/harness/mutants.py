"""Builds the product with a deliberate bug: a patch on a copy of the sources, never on the sources themselves."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from localhub.processes import ROOT

from .report import Report, show

COPIED = ("Package.swift", "Sources", "Tests")
PATCHES = ROOT / "Tests" / "Chaos" / "mutations"


@dataclass(frozen=True)
class Mutation:
    """A deliberate bug, and what the checker must find of it."""

    patch: str
    breach: str  # that must be found
    faults: tuple[str, ...]  # under which the bug shows
    cycles: int


AnyMutation = TypeVar("AnyMutation", bound=Mutation)


class MutantTree:
    """A copy of the package in `folder`; the next patch starts from clean sources again, and builds only what differs."""

    def __init__(self, folder: Path) -> None:
        self._source, self._scratch = folder / "source", folder / "build"

    def apply(self, patch: str) -> None:
        """RuntimeError when the patch does not fit the sources any more."""
        self._copy()
        # Told that no repository is around, git takes the paths as they are.
        environment = os.environ | {"GIT_CEILING_DIRECTORIES": str(self._source.parent)}
        result = subprocess.run(
            ["git", "apply", "-p1", str(PATCHES / f"{patch}.patch")],
            cwd=self._source, env=environment, capture_output=True, text=True,
        )  # fmt: skip
        if result.returncode != 0:
            raise RuntimeError(f"the mutation {patch}.patch does not fit the sources any more: {result.stderr.strip()}")

    def build(self, product: str) -> Path:
        """The folder with the executable."""
        command = ["swift", "build", "-c", "release", "--product", product]
        command += ["--package-path", str(self._source), "--scratch-path", str(self._scratch)]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode != 0:
            raise RuntimeError(f"the mutant does not build:\n{result.stdout[-2000:]}{result.stderr[-2000:]}")
        return self._scratch / "release"

    def _copy(self) -> None:
        wanted = {file.relative_to(ROOT) for name in COPIED for file in _files(ROOT / name)}
        for file in _files(self._source):
            if file.relative_to(self._source) not in wanted:
                file.unlink()
        for name in wanted:
            target = self._source / name
            if not target.exists() or target.read_bytes() != (ROOT / name).read_bytes():
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)


def check_mutations(tree: MutantTree, mutations: Sequence[Mutation]) -> int:
    """Whether every patch still fits the sources; RuntimeError for one that does not."""
    for mutation in mutations:
        tree.apply(mutation.patch)
        print(f"  {mutation.patch} fits")
    return 0


def find_mutations(
    tree: MutantTree, product: str, mutations: Sequence[AnyMutation], run: Callable[[AnyMutation, Path], Report]
) -> int:
    """Builds every mutant and has it run; 0 when each of them is found. `run` gets the folder of the executable."""
    missed = 0
    for mutation in mutations:
        print(f"\n  {mutation.patch}: building", flush=True)
        tree.apply(mutation.patch)
        report = run(mutation, tree.build(product))
        show(report)
        found = report.breaches[mutation.breach]
        print(f"  {mutation.patch}: {'found' if found else 'NOT FOUND'}, {mutation.breach} {found}", flush=True)
        missed += not found
    print(f"  {len(mutations) - missed} of {len(mutations)} deliberate bugs were found")
    return 1 if missed else 0


def _files(place: Path) -> list[Path]:
    return [place] if place.is_file() else [file for file in place.rglob("*") if file.is_file()]
