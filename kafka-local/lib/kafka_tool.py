"""The Kafka client behind the scripts of kafka-local: waits for a broker, makes topics, writes and reads records."""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path
from typing import NamedTuple

from confluent_kafka import Consumer, KafkaError, KafkaException, Message, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from samples import SAMPLES

TOPICS_FILE = Path(__file__).resolve().parent.parent / "topics.txt"


class Topic(NamedTuple):
    name: str
    partitions: int
    config: dict[str, str]


def read_topics(file: Path = TOPICS_FILE) -> list[Topic]:
    """The topics of the list, in its order."""
    topics = []
    for line in file.read_text().splitlines():
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        name, partitions, settings = fields
        config = {} if settings == "-" else dict(setting.split("=", 1) for setting in settings.split(","))
        topics.append(Topic(name, int(partitions), config))
    return topics


def quiet_client(brokers: str) -> dict[str, object]:
    """Client settings without librdkafka's own log lines; what matters is told by this program."""
    return {"bootstrap.servers": brokers, "log_level": 0, "error_cb": lambda error: None}


def wait(arguments: argparse.Namespace) -> int:
    """Returns when the broker answers; fails after the time limit or when its process has ended."""
    deadline = time.monotonic() + arguments.timeout
    admin = AdminClient(quiet_client(arguments.brokers) | {"reconnect.backoff.max.ms": 200})
    while time.monotonic() < deadline:
        try:
            admin.list_topics(timeout=1)
            return 0
        except KafkaException:
            if arguments.pid and not process_runs(arguments.pid):
                print("the broker's process has ended", file=sys.stderr)
                return 1
    return 1


def process_runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def topics(arguments: argparse.Namespace) -> int:
    """Creates the topics of the list that are missing; with --list only shows what there is."""
    admin = AdminClient(quiet_client(arguments.brokers))
    present = admin.list_topics(timeout=10).topics
    if arguments.list:
        for name in sorted(present):
            print(f"{len(present[name].partitions):>3}  {name}")
        return 0
    missing = [topic for topic in read_topics() if topic.name not in present]
    if not missing:
        print(f"all {len(read_topics())} topics are there")
        return 0
    requests = [NewTopic(t.name, t.partitions, replication_factor=1, config=t.config) for t in missing]
    failures = 0
    for name, result in admin.create_topics(requests, request_timeout=30).items():
        try:
            result.result()
        except KafkaException as error:
            if error.args[0].code() != KafkaError.TOPIC_ALREADY_EXISTS:
                failures += 1
                print(f"{name}: {error.args[0].str()}", file=sys.stderr)
    print(f"created {len(missing) - failures} topics, {len(present.keys() & {t.name for t in read_topics()})} were there")
    return 1 if failures else 0


def topic_fault(arguments: argparse.Namespace) -> int:
    """0, or the exit code when the topic does not exist; asked first, because a producer would wait for the topic."""
    admin = AdminClient(quiet_client(arguments.brokers))
    fault = admin.list_topics(arguments.topic, timeout=10).topics[arguments.topic].error
    if fault is None:
        return 0
    print(f"{arguments.topic} on {arguments.brokers}: {fault.str()}", file=sys.stderr)
    return 69


def produce(arguments: argparse.Namespace) -> int:
    """Publishes one record and prints where it went."""
    if arguments.json is not None:
        value = arguments.json
    elif arguments.topic in SAMPLES:
        value = json.dumps(SAMPLES[arguments.topic])
    else:
        print(f"there is no sample for {arguments.topic}: give the JSON as the second argument", file=sys.stderr)
        return 64
    missing = topic_fault(arguments)
    if missing:
        return missing
    failures: list[KafkaError] = []

    def delivered(error: KafkaError | None, message: Message) -> None:
        if error:
            failures.append(error)
        else:
            print(f"{message.topic()}[{message.partition()}]@{message.offset()}  {value}")

    # Java's partitioner, so that a key lands where every other client puts it.
    settings = quiet_client(arguments.brokers) | {
        "partitioner": "murmur2_random",
        "message.timeout.ms": 15000,
        "allow.auto.create.topics": False,
    }
    producer = Producer(settings)
    headers = [tuple(header.split("=", 1)) for header in arguments.header]
    producer.produce(arguments.topic, value, key=arguments.key, headers=headers, on_delivery=delivered)
    producer.flush(20)
    if not failures:
        return 0
    print(f"{arguments.topic} on {arguments.brokers}: {failures[0].str()}", file=sys.stderr)
    return 69


def text(data: bytes | None) -> str:
    """Bytes as a person reads them; what is no UTF-8 is shown in hexadecimal."""
    if data is None:
        return "null"
    try:
        return data.decode()
    except UnicodeDecodeError:
        return "0x" + data.hex()


def show(message: Message, pretty: bool) -> None:
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(message.timestamp()[1] / 1000))
    print(f"{message.topic()}[{message.partition()}]@{message.offset()}  {when}  key {text(message.key())}")
    for name, value in message.headers() or []:
        print(f"  {name}: {text(value)}")
    value = text(message.value())
    if pretty:
        try:
            value = json.dumps(json.loads(value), indent=2, ensure_ascii=False)
        except ValueError:
            pass
    print("\n".join("  " + line for line in value.splitlines()) + "\n", flush=True)


def consume(arguments: argparse.Namespace) -> int:
    """Shows a topic's committed records from the beginning and ends, or goes on with what comes."""
    settings = {"group.id": "kafka-local-consumer", "enable.auto.commit": False, "enable.partition.eof": True}
    missing = topic_fault(arguments)
    if missing:
        return missing
    consumer = Consumer(quiet_client(arguments.brokers) | settings)
    metadata = consumer.list_topics(arguments.topic, timeout=10).topics[arguments.topic]
    partitions = [TopicPartition(arguments.topic, number, 0) for number in metadata.partitions]
    for partition in partitions:
        low, high = consumer.get_watermark_offsets(partition, timeout=10)
        partition.offset = high if arguments.new else low
    consumer.assign(partitions)
    ended: set[int] = set()
    while arguments.follow or arguments.new or len(ended) < len(partitions):
        message = consumer.poll(1)
        if message is None:
            continue
        if message.error() is None:
            show(message, arguments.pretty)
        elif message.error().code() == KafkaError._PARTITION_EOF:
            ended.add(message.partition())
        else:
            print(message.error().str(), file=sys.stderr)
            return 69
    consumer.close()
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog=os.environ.get("PROGRAM"), description=__doc__)
    commands = parser.add_subparsers(required=True)

    def command(name: str, run) -> argparse.ArgumentParser:
        added = commands.add_parser(name, prog=os.environ.get("PROGRAM"), description=run.__doc__)
        added.add_argument("--brokers", default="127.0.0.1:9094", help="host:port, host:port")
        added.set_defaults(run=run)
        return added

    added = command("wait", wait)
    added.add_argument("--pid", type=int, help="give up when this process ends")
    added.add_argument("--timeout", type=float, default=60, help="seconds")

    added = command("topics", topics)
    added.add_argument("--list", action="store_true", help="only show every topic with its number of partitions")

    added = command("produce", produce)
    added.add_argument("topic", metavar="TOPIC")
    added.add_argument("json", metavar="JSON", nargs="?", help="the event; without it a sample of the topic's events")
    added.add_argument("--key", help="the record's key")
    added.add_argument("--header", action="append", default=[], metavar="NAME=VALUE", help="a header; may be repeated")

    added = command("consume", consume)
    added.add_argument("topic", metavar="TOPIC")
    added.add_argument("--follow", action="store_true", help="go on with the records that come")
    added.add_argument("--new", action="store_true", help="only the records that come from now on")
    added.add_argument("--pretty", action="store_true", help="indent JSON values")
    return parser.parse_args()


def main() -> int:
    arguments = parse()
    try:
        return arguments.run(arguments)
    except KafkaException as error:
        print(f"{arguments.brokers}: {error.args[0].str()}", file=sys.stderr)
        return 69
    except (KeyboardInterrupt, BrokenPipeError):
        return 130


if __name__ == "__main__":
    sys.exit(main())
