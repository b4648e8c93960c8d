"""Sums JUnit files: prints "passed failed skipped", or with --skipped the name and reason of each skipped test."""

from __future__ import annotations

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main() -> None:
    arguments = sys.argv[1:]
    list_skipped = arguments[:1] == ["--skipped"]
    passed = failed = skipped = 0
    for file in map(Path, arguments[1:] if list_skipped else arguments):
        if not file.exists():
            continue
        for case in ElementTree.parse(file).iter("testcase"):
            skip = case.find("skipped")
            if skip is not None:
                skipped += 1
                if list_skipped:
                    print(f"    skipped: {case.get('classname')}.{case.get('name')}: {skip.get('message') or skip.text or ''}")
            elif case.find("failure") is not None or case.find("error") is not None:
                failed += 1
            else:
                passed += 1
    if not list_skipped:
        print(passed, failed, skipped)


if __name__ == "__main__":
    main()
