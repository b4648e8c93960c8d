"""The benchmark: `scripts/bench.sh SUBJECT` builds, starts a broker and then this."""

from __future__ import annotations

import argparse
import signal
import sys
from pathlib import Path

from confluent_kafka import KafkaException

from core.subject import CoreSubject
from delivery.subject import DeliverySubject
from harness.failure import Failure

SUBJECTS = {"core": CoreSubject, "delivery": DeliverySubject}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/bench.sh")
    subjects = parser.add_subparsers(dest="subject", required=True)
    for name, subject in SUBJECTS.items():
        added = subjects.add_parser(name)
        added.add_argument("--brokers", required=True)
        added.add_argument("--broker-pid", type=int, help="of a broker on this machine whose time is to be measured")
        added.add_argument("--broker-data", type=Path, help="its data, to be measured too")
        added.add_argument("--bin", type=Path, required=True)
        added.add_argument("--state", type=Path, required=True)
        subject.add_options(added)
    return parser.parse_args()


def terminated(*_: object) -> None:
    sys.exit(143)


def main() -> int:
    signal.signal(signal.SIGTERM, terminated)
    arguments = parse()
    try:
        return SUBJECTS[arguments.subject](arguments).run()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KafkaException as error:
        print(f"error: {arguments.brokers}: {error.args[0].str()}", file=sys.stderr)
        return 69
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
