#!/usr/bin/env python3
"""Checks the direction of dependencies: Apps -> Channels -> Services -> Domain -> Kit -> Clibs.

Compares what Package.swift declares, and what the sources import, with the rules below. SwiftPM itself lets a target
import a target that it does not declare, as long as something else pulls it in; this script does not.

usage: check-layers.py [--self-test]     exit 0: everything holds; 1: violations, one a line
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent

# A target may use its own layer and every layer to the right of it.
LAYERS = ["Apps", "Channels", "Services", "Domain", "Kit", "Clibs"]

# What is pure in Kit, and so open to Domain.
PURE_KIT = {"JSONBytes", "Time", "Digest", "Settings"}

# A C library has one owner; nothing else imports it.
C_OWNERS = {
    "CRdKafka": "Kafka",
    "CCurl": "Transfer",
    "COpenSSL": "Digest",
    "CYAML": "Settings",
    "CMicroHTTPD": "Telemetry",
    "CMimalloc": "CommandLineKit",
}

# Foundation brings ICU and Objective-C habits; these targets do without any of it.
NO_FOUNDATION_LAYERS = {"Domain"}
NO_FOUNDATION_TARGETS = {"JSONBytes", "Kafka"}
FOUNDATION = {"Foundation", "FoundationEssentials", "FoundationNetworking", "FoundationInternationalization"}

# Modules of the toolchain and of the system.
SYSTEM = FOUNDATION | {
    "Swift", "Glibc", "Musl", "Darwin", "Synchronization", "Dispatch", "Testing", "XCTest", "Observation", "RegexBuilder",
}

IMPORT = re.compile(
    r"^\s*(?:@[\w()]+\s+)*(?:(?:public|package|internal|fileprivate|private)\s+)?import\s+"
    r"(?:(?:struct|class|enum|protocol|func|var|let|typealias|actor)\s+)?(\w+)",
    re.MULTILINE,
)
COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)


class Module(NamedTuple):
    """A target of the package: where it is, what it declares, and each module it imports with the file that does."""

    name: str
    layer: str
    dependencies: set[str]
    imports: dict[str, str]


def layer_of(path: str) -> str:
    """The layer is the folder below Sources; tests, benchmarks and test helpers stand outside the rule."""
    parts = Path(path).parts
    return parts[1] if parts[0] == "Sources" and parts[1] in LAYERS else ""


def imports_of(folder: Path) -> dict[str, str]:
    found: dict[str, str] = {}
    for file in sorted(folder.rglob("*.swift")):
        for name in IMPORT.findall(COMMENT.sub("", file.read_text(encoding="utf-8"))):
            found.setdefault(name, str(file.relative_to(ROOT)))
    return found


def read_package() -> list[Module]:
    described = subprocess.run(
        ["swift", "package", "--package-path", str(ROOT), "describe", "--type", "json"],
        check=True, capture_output=True, text=True,
    ).stdout  # fmt: skip
    modules = []
    for target in json.loads(described)["targets"]:
        imports = imports_of(ROOT / target["path"]) if target["path"].startswith("Sources") else {}
        dependencies = set(target.get("target_dependencies", []))
        modules.append(Module(target["name"], layer_of(target["path"]), dependencies, imports))
    return modules


def violations(modules: list[Module]) -> list[str]:
    """Every breach of the rules, as a sentence."""
    layers = {module.name: module.layer for module in modules}
    found = []
    for module in modules:
        if module.layer:
            found += [
                f"{module.name} ({module.layer}) declares {name}: {fault}"
                for name in sorted(module.dependencies)
                if (fault := edge_fault(module, name, layers))
            ]
        found += [
            f"{file}: import {name}: {fault}"
            for name, file in sorted(module.imports.items())
            if (fault := import_fault(module, name, layers))
        ]
    return found


def edge_fault(module: Module, name: str, layers: dict[str, str]) -> str | None:
    """Why a target of the layers must not use another target of this package."""
    layer = layers.get(name, "")
    if not layer:
        return "that is no part of the six layers"
    if LAYERS.index(layer) < LAYERS.index(module.layer):
        return f"{module.layer} must not look up to {layer}"
    if layer == "Clibs" and C_OWNERS.get(name) != module.name:
        return f"only {C_OWNERS.get(name, 'its owner')} may use it"
    if module.layer == "Domain" and layer == "Kit" and name not in PURE_KIT:
        return f"Domain may use of Kit only {', '.join(sorted(PURE_KIT))}"
    if module.layer == layer and (layer == "Apps" or name.endswith("Channel")):
        return f"{layer} do not use each other"
    return None


def import_fault(module: Module, name: str, layers: dict[str, str]) -> str | None:
    """Why an import line must not be there."""
    if name in FOUNDATION and (module.layer in NO_FOUNDATION_LAYERS or module.name in NO_FOUNDATION_TARGETS):
        return f"{module.name} does without Foundation"
    if name in SYSTEM or name == module.name:
        return None
    if name not in layers:
        return "neither a target of this package nor a module of the system"
    if name not in module.dependencies:
        return f"Package.swift does not declare it for {module.name}"
    return edge_fault(module, name, layers) if module.layer else None


# One planted breach per rule: the target that breaks it, and a part of the sentence that must be reported.
PLANTED = [
    (Module("Events", "Domain", {"Core"}, {}), "must not look up to Services"),
    (Module("Events", "Domain", {"Kafka"}, {}), "Domain may use of Kit only"),
    (Module("Core", "Services", {"CRdKafka"}, {}), "only Kafka may use it"),
    (Module("Core", "Services", {"TestKit"}, {}), "no part of the six layers"),
    (Module("EmailChannel", "Channels", {"SlackChannel"}, {}), "do not use each other"),
    (Module("Core", "Services", set(), {"Kafka": "a.swift"}), "does not declare it"),
    (Module("Core", "Services", set(), {"Unknown": "a.swift"}), "neither a target"),
    (Module("Events", "Domain", set(), {"FoundationEssentials": "a.swift"}), "without Foundation"),
    (Module("Kafka", "Kit", {"CRdKafka"}, {"Foundation": "a.swift"}), "without Foundation"),
    (Module("TestKit", "", set(), {"Core": "a.swift"}), "does not declare it"),
]
SOUND = [
    Module("CRdKafka", "Clibs", set(), {}),
    Module("Kafka", "Kit", {"CRdKafka"}, {"CRdKafka": "a.swift", "Glibc": "a.swift"}),
    Module("Events", "Domain", set(), {}),
    Module("Core", "Services", {"Kafka", "Events"}, {"Kafka": "a.swift", "Synchronization": "a.swift"}),
    Module("EmailChannel", "Channels", {"Kafka"}, {}),
    Module("SlackChannel", "Channels", set(), {}),
    Module("TestKit", "", set(), {}),
]
IMPORT_LINES = """
import A
internal import B
@testable import C
@preconcurrency package import D
import struct E.Part
// import NotThis
/* import NorThis
import OrThis */
"""


def self_test() -> list[str]:
    """Shows that every rule bites, and that sound packages pass; returns what did not."""
    failures = [f"a sound package was refused: {line}" for line in violations(SOUND)]
    for planted, sentence in PLANTED:
        others = [module for module in SOUND if module.name != planted.name]
        if not any(sentence in line for line in violations(others + [planted])):
            failures.append(f"a planted breach was not found: {planted.name}: {sentence}")
    if (names := IMPORT.findall(COMMENT.sub("", IMPORT_LINES))) != ["A", "B", "C", "D", "E"]:
        failures.append(f"import lines are misread: {names}")
    return failures


def main() -> int:
    if sys.argv[1:] not in ([], ["--self-test"]):
        print(__doc__.strip(), file=sys.stdout if sys.argv[1:] in (["-h"], ["--help"]) else sys.stderr)
        return 0 if sys.argv[1:] in (["-h"], ["--help"]) else 64
    if sys.argv[1:] == ["--self-test"]:
        faults = self_test()
        summary = f"{len(PLANTED) + 2} checks of the checker"
    else:
        modules = read_package()
        faults = violations(modules)
        summary = f"{sum(1 for module in modules if module.layer)} targets in {len(LAYERS)} layers"
    for fault in faults:
        print(fault)
    print(f"{summary}: {'ok' if not faults else f'{len(faults)} violations'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
