"""The chaos test: `scripts/chaos.sh SUBJECT` starts a broker and then this."""

from __future__ import annotations

import argparse
import os
import random
import signal
import sys
from pathlib import Path

from confluent_kafka import KafkaException

from core.subject import CoreSubject
from delivery.subject import DeliverySubject
from harness.broker import BrokerControl

ASSIGNMENTS = ("range", "roundrobin", "cooperative-sticky")
SUBJECTS = {"core": CoreSubject, "delivery": DeliverySubject}


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/chaos.sh")
    parser.add_argument("subject", choices=sorted(SUBJECTS))
    parser.add_argument("--seed", type=int)
    parser.add_argument("--cycles", type=int, default=100)
    parser.add_argument("--minutes", type=int)
    parser.add_argument("--instances", type=int)
    parser.add_argument("--rate", type=int)
    parser.add_argument("--assignment", choices=ASSIGNMENTS, default=ASSIGNMENTS[0])
    parser.add_argument("--faults", type=lambda text: tuple(text.split(",")), default=())
    parser.add_argument("--short", action="store_true")
    parser.add_argument("--bites", action="store_true")
    parser.add_argument("--missing-topic", action="store_true")
    parser.add_argument("--check-mutations", action="store_true")
    parser.add_argument("--bin", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.seed is None:
        arguments.seed = random.SystemRandom().randrange(1, 1_000_000)
    return arguments


def main() -> int:
    arguments = parse()
    # As an exception, so that everything that was started is ended.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    subject = SUBJECTS[arguments.subject](arguments)
    try:
        if arguments.check_mutations:
            return subject.check_mutations()
        print(f"  seed {arguments.seed}", flush=True)
        return subject.run(BrokerControl(arguments.state / "broker", Path(os.environ["KAFKA_HOME"])))
    except (RuntimeError, KafkaException) as error:
        print(f"error: {error}", file=sys.stderr)
        return 70


if __name__ == "__main__":
    sys.exit(main())
