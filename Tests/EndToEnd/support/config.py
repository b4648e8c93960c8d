"""A copy of config/ that a test may change."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from localhub.processes import ROOT


class Dumper(yaml.SafeDumper):
    """Writes what stands in two places twice: configuration files know no anchors."""

    def ignore_aliases(self, data: object) -> bool:
        return True


class ConfigFolder:
    def __init__(self, path: Path) -> None:
        self.path = path
        shutil.copytree(ROOT / "config", path)

    def edit(self, name: str, change: Callable[[dict], None]) -> None:
        """Loads a YAML file (empty where there is none), lets `change` alter it, and writes it back."""
        file = self.path / name
        document = (yaml.safe_load(file.read_text()) if file.exists() else None) or {}
        change(document)
        file.write_text(yaml.dump(document, Dumper=Dumper, sort_keys=False, allow_unicode=True))

    def write(self, name: str, text: str) -> Path:
        file = self.path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file
