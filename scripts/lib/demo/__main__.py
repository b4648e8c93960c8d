"""Runs the demo against a broker whose topics exist. Started by scripts/demo.sh, which prepares both.

Writes its result to RUN/result and ends; with --keep it goes on in the background until it gets SIGTERM.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import time
import uuid
from pathlib import Path

import yaml

from localhub.kafka import Broker, TopicReader
from localhub.observability import write_prometheus
from localhub.processes import EXECUTABLES, ROOT, Service
from localhub.providers import TWILIO_ACCOUNT, TWILIO_TOKEN, SlackReceiver, TwilioReceiver, WebhookReceiver
from localhub.smtp_receiver import SMTPReceiver
from localhub.waiting import wait_until

from .arrivals import Arrival, Arrivals, published_at
from .cards import bold, card, dim, heading, paint, table
from .story import Story, stories

CHANNELS = ("email", "sms", "webhook", "slack")
INPUTS = ["order.events", "payment.events", "user.events"]
DEMO_USER = "test123"
WEBHOOK_SECRET = "whsec_" + "bm90aWZpY2F0aW9uaHViLWRlbW8tc2VjcmV0LTAwMDE="
PATIENCE = 30.0


class Stopped(BaseException):
    """SIGTERM or SIGINT came."""


class Demo:
    def __init__(self, brokers: str, run: Path) -> None:
        self.run = run
        self.broker = Broker(brokers)
        self.mail, self.twilio, self.slack = SMTPReceiver(), TwilioReceiver(), SlackReceiver()
        self.webhook = WebhookReceiver(WEBHOOK_SECRET)
        self.services: list[Service] = []
        self.shown: list[tuple[Arrival, float]] = []

    def environment(self) -> dict[str, str]:
        """What a user would set to point the services at these receivers."""
        return {
            "KAFKA_BROKERS": self.broker.address,
            "CONFIG_DIR": str(ROOT / "config"),
            "ALLOW_NETWORKS": "127.0.0.0/8",
            "SMTP_HOST": "127.0.0.1",
            "SMTP_PORT": str(self.mail.port),
            "SMTP_TLS": "off",
            "EMAIL_FROM": "NotificationHub <hello@notificationhub.example>",
            "TWILIO_BASE_URL": self.twilio.url,
            "TWILIO_ACCOUNT_SID": TWILIO_ACCOUNT,
            "TWILIO_AUTH_TOKEN": TWILIO_TOKEN,
            "TWILIO_FROM": "+15005550006",
            "ORDERS_WEBHOOK_URL": f"{self.webhook.url}/orders",
            "ORDERS_WEBHOOK_SECRET": WEBHOOK_SECRET,
            "SLACK_WEBHOOK_URL": f"{self.slack.url}/services/T000/B000/demo",
        }

    def start(self) -> None:
        """Starts the readers and the five executables, and shows each once it is ready."""
        self.inputs = TopicReader(self.broker, INPUTS)
        self.notifications = TopicReader(self.broker, [f"notifications.{channel}" for channel in CHANNELS])
        self.statuses = TopicReader(self.broker, ["notifications.status"])
        self.arrivals = Arrivals(self.notifications, self.mail, self.twilio, self.webhook, self.slack)
        print(f"\n{bold('Services')}")
        environment = self.environment()
        for name in EXECUTABLES:
            log = self.run / f"{name}.log"
            log.unlink(missing_ok=True)
            self.services.append(Service(name, environment, log))
        began = time.monotonic()
        for service in self.services:
            service.wait_ready(60)
            ready = f"ready after {time.monotonic() - began:.1f} s"
            print(f"  {paint('✓', '32')} {service.name:<18}{dim(ready)}")
        print(f"\n{bold('Receivers')}")
        for name, address in self.addresses():
            print(f"  {paint('✓', '32')} {name:<18}{dim(address)}")

    def addresses(self) -> list[tuple[str, str]]:
        return [
            ("SMTP (aiosmtpd)", f"127.0.0.1:{self.mail.port}"),
            ("webhook", f"{self.webhook.url}/orders"),
            ("Slack", self.slack.url),
            ("Twilio API", self.twilio.url),
        ]

    def play(self, story: Story) -> None:
        """Publishes one event by the producer script and shows what comes of it."""
        print(heading(f"{story.type} → {story.topic}", story.about), flush=True)
        producer = subprocess.run(
            [str(ROOT / "kafka-local/scripts/producer.sh"), story.topic, json.dumps(story.event)],
            env=os.environ | {"KAFKA_BROKERS": self.broker.address}, capture_output=True, text=True,
        )  # fmt: skip
        if producer.returncode != 0:
            raise AssertionError(f"producer.sh failed: {producer.stderr.strip()}")
        published = published_at(self.inputs, story.id)
        waiting = list(story.channels)
        while waiting:
            arrival = self.arrivals.next(PATIENCE)
            self.show(arrival, published)
            if arrival.event_id == story.id and arrival.channel in waiting:
                waiting.remove(arrival.channel)

    def show(self, arrival: Arrival, published: float) -> None:
        latency = max(0.0, arrival.at - published)
        self.shown.append((arrival, latency))
        print(card(arrival, latency), flush=True)

    def stop(self) -> list[str]:
        """Stops the services as an operator would; returns those that did not end well."""
        for service in self.services:
            service.terminate()
        return [f"{service.name} ended with {code}" for service in self.services if (code := service.stop()) != 0]

    def verdict(self, played: list[Story]) -> list[str]:
        """What is wrong with the whole: missing, doubled, not verified, without a final status."""
        for arrival in self.arrivals.rest():
            self.shown.append((arrival, 0.0))
        ours = {story.id: story for story in played}
        faults = [f"{a.channel} of {a.event_id}: {a.fault}" for a, _ in self.shown if a.fault]
        for story in played:
            for channel in story.channels:
                count = sum(1 for a, _ in self.shown if (a.event_id, a.channel) == (story.id, channel))
                if count != 1:
                    faults.append(f"{story.type} by {channel}: arrived {count} times")
        extra = [a for a, _ in self.shown if a.event_id in ours and a.channel not in ours[a.event_id].channels]
        faults += [f"{a.channel} of {a.event_id} was not expected" for a in extra]
        return faults

    def wait_final(self, played: list[Story]) -> None:
        """Waits for the final status of every notification."""
        ids = {story.id for story in played}
        expected = sum(len(story.channels) for story in played)
        self.statuses.records.wait(
            expected, lambda r: r.json.get("event_id") in ids and r.json.get("final") is True, PATIENCE, "final statuses"
        )

    def result_table(self, played: list[Story]) -> str:
        types = {story.id: story.type for story in played}
        return table(
            [
                (
                    types.get(arrival.event_id, "?"), arrival.channel, arrival.recipient, f"{latency * 1000:.0f} ms",
                    f"✗ {arrival.fault}" if arrival.fault else f"✓ {arrival.verified}",
                )
                for arrival, latency in self.shown
            ]
        )  # fmt: skip


def contact_user() -> str:
    """The user the events name: one of config/contacts.yaml with an address and a phone."""
    document = yaml.safe_load((ROOT / "config/contacts.yaml").read_text()) or {}
    contacts = document.get("contacts", document)
    usable = [str(user) for user, entry in contacts.items() if entry and entry.get("email") and entry.get("phone")]
    if not usable:
        raise AssertionError("config/contacts.yaml has no user with an email and a phone")
    return DEMO_USER if DEMO_USER in usable else usable[0]


def play_all(demo: Demo, keep: bool) -> int:
    played = stories(contact_user())
    demo.start()
    for story in played:
        demo.play(story)
    demo.wait_final(played)
    faults = [] if keep else demo.stop()
    faults += demo.verdict(played)
    print(f"\n{demo.result_table(played)}\n")
    for fault in faults:
        print(f"  {paint('✗', '31')} {fault}")
    expected = sum(len(story.channels) for story in played)
    if not faults:
        print(f"  {paint('✓', '32')} {bold(f'all {expected} notifications arrived, once each, and every one is verified')}")
    return 1 if faults else 0


def keep_running(demo: Demo, result: int) -> None:
    """Says where everything is, hands the result over and goes on without the terminal."""
    print(f"\n{bold('Everything keeps running')}")
    for name, address in [("Kafka", demo.broker.address), *demo.addresses()]:
        print(f"  {name:<18}{address}")
    for service in demo.services:
        print(f"  {service.name:<18}http://127.0.0.1:{service.port}/metrics")
    arrivals = demo.run / "notifications.log"
    print(f"  {'logs':<18}{demo.run.relative_to(ROOT)}/")
    print(f"  {'what arrives':<18}tail -f {arrivals.relative_to(ROOT)}")
    prometheus = write_prometheus(demo.run / "prometheus", demo.services).relative_to(ROOT)
    print(f"  {'Grafana, Jaeger':<18}PROMETHEUS_FOLDER=$PWD/{prometheus.parent} docker compose -f deploy/observability/compose.yaml up")
    print(f"  {'Prometheus':<18}prometheus --config.file={prometheus} --storage.tsdb.path=.run/demo/prometheus/data")
    print(f"  {'publish':<18}kafka-local/scripts/producer.sh order.events")
    print(f"  {'stop':<18}scripts/demo.sh --stop\n", flush=True)
    output = os.open(arrivals, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o644)
    os.dup2(output, 1)
    os.dup2(output, 2)
    hand_over(demo.run, result)
    while True:
        for arrival in wait_until(demo.arrivals.rest, "a notification", float("inf")):
            print(card(arrival, 0.0) if arrival.fault else card(arrival, latency_of(demo, arrival)), flush=True)


def latency_of(demo: Demo, arrival: Arrival) -> float:
    records = demo.inputs.records.all(lambda r: r.value is not None and arrival.event_id.encode() in r.value)
    return max(0.0, arrival.at - records[-1].timestamp / 1000) if records else 0.0


def hand_over(run: Path, result: int) -> None:
    """The result appears in one piece."""
    partial = run / f"result.{uuid.uuid4().hex}"
    partial.write_text(f"{result}\n")
    partial.rename(run / "result")


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--keep", action="store_true")
    arguments = parser.parse_args()

    def stop(number: int, frame: object) -> None:
        raise Stopped

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    demo = Demo(arguments.brokers, arguments.run)
    result = 1
    try:
        result = play_all(demo, arguments.keep)
        if arguments.keep:
            keep_running(demo, result)
    except AssertionError as error:
        print(f"\n  {paint('✗', '31')} {error}")
        print(f"    {dim(f'the logs are in {arguments.run.relative_to(ROOT)}/')}")
    except Stopped:
        result = 130
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        demo.stop()
        sys.stdout.flush()
    hand_over(arguments.run, result)
    return result


if __name__ == "__main__":
    sys.exit(main())
