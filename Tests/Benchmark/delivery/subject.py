"""`bench.sh delivery`: the channels' consumers beside floors in C, one part after another on one broker."""

from __future__ import annotations

import argparse
from pathlib import Path

from harness import machine
from harness.broker import Broker
from harness.failure import Failure
from harness.numbers import positive
from harness.progress import Step, note, title, warn
from harness.publisher import Publisher
from harness.running import System
from harness.topics import Topics
from localhub.certificates import Authority

from . import memory, notifications
from . import topics as names
from .consumers import Consumers
from .drain import Backlog, Drain
from .latency import Latency, SteadyLoad, running
from .notifications import MAIL_BYTES, WEBHOOK_BYTES
from .programs import Floor, PostfixSink, Programs, Receiver
from .report import Measured, Report

PARTS = ("webhook", "mail", "endpoints", "latency", "isolation", "memory")
BUSY_LOAD = 1.0
TIMEOUT = 120.0
# What the consumers have in flight at most, and so what the floors have.
TRANSFERS, SESSIONS = 64, 16
SLOW_MS, SLOW_MAILS_PER_SECOND = 20, 500
MANY_ENDPOINTS = 1000
ISOLATED = 100
IDLE_SECONDS, DOWN_SECONDS = 10.0, 45.0
# The broker compiles its code while it runs, of transactions only after seconds under load.
WARM_UP_SECONDS, WARM_UP_OF_TRANSACTIONS = 3, 20


class DeliverySubject:
    @staticmethod
    def add_options(parser: argparse.ArgumentParser) -> None:
        parser.add_argument("--deliveries", type=positive, default=150_000)
        parser.add_argument("--mails", type=positive, default=120_000)
        parser.add_argument("--backlog", type=positive, default=1_000_000)
        parser.add_argument("--rounds", type=positive, default=3)
        parser.add_argument("--partitions", type=positive, default=4)
        parser.add_argument("--rate", type=positive, default=1000)
        parser.add_argument("--seconds", type=positive, default=15)
        parser.add_argument("--pairs", type=positive, default=5)
        parser.add_argument("--parts", type=lambda text: text.split(","), default=PARTS)

    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        state: Path = arguments.state
        self._logs = state / "logs"
        self._logs.mkdir(parents=True)
        self._programs = Programs(state)
        self._consumers = Consumers(arguments.bin, state)
        self._authority = Authority(state)
        self._broker = Broker(arguments.brokers, arguments.broker_pid, arguments.broker_data)
        self._topics = Topics(arguments.brokers, arguments.partitions, names.ALL)
        options = ("deliveries", "mails", "backlog", "rounds", "partitions", "rate", "seconds", "pairs")
        self._report = Report(machine.describe(), {name: getattr(arguments, name) for name in options})

    def run(self) -> int:
        note(self._report.machine)
        if machine.load_average() > BUSY_LOAD:
            warn(f"the machine is busy already (load {machine.load_average():.1f}): only the ratios will mean something")
        self._topics.require_none()
        parts = {
            "webhook": self._webhook, "mail": self._mail, "endpoints": self._endpoints, "latency": self._latency,
            "isolation": self._isolation, "memory": self._memory,
        }  # fmt: skip
        try:
            self._topics.renew(names.ALL)
            for part in PARTS:
                if part in self._arguments.parts:
                    parts[part]()
        finally:
            self._topics.remove()
        return self._show()

    # MARK: Backlogs

    def _webhook(self) -> None:
        title(f"Webhooks, one endpoint, {TRANSFERS} in flight: {self._arguments.deliveries:,} of {WEBHOOK_BYTES} bytes")
        with self._programs.receiver("http") as receiver:
            url = f"http://127.0.0.1:{receiver.port}/hook"
            system = self._consumers.webhook("webhook", {"orders": url})
            plain = self._programs.consumer("the same in C", TRANSFERS, url)
            backlog = self._webhooks(self._arguments.deliveries, 1)
            with Step("warm-up of the broker"):
                backlog.deliver(system, receiver)
            for name, measured in (("webhooks", system), (plain.name, plain)):
                self._rounds(
                    name, self._arguments.rounds, lambda: self._webhook_floor(url, self._arguments.deliveries),
                    lambda measured=measured: backlog.deliver(measured, receiver),
                )

    def _endpoints(self) -> None:
        count = self._arguments.deliveries // 2
        title(f"{MANY_ENDPOINTS:,} endpoints, and one over TLS: {count:,} webhooks each")
        with self._programs.receiver("http") as receiver:
            url = f"http://127.0.0.1:{receiver.port}/hook"
            urls = {
                f"orders{i}": f"http://127.0.{i // 250}.{i % 250 + 1}:{receiver.port}/hook"
                for i in range(MANY_ENDPOINTS)
            }
            system = self._consumers.webhook("many endpoints", urls, max_in_flight=16)
            backlog = self._webhooks(count, MANY_ENDPOINTS)
            self._rounds(
                f"{MANY_ENDPOINTS:,} endpoints", 1, lambda: self._webhook_floor(url, count, MANY_ENDPOINTS),
                lambda: backlog.deliver(system, receiver),
            )
        with self._programs.receiver("http", certificate=self._authority.certificate("127.0.0.1")) as receiver:
            url = f"https://127.0.0.1:{receiver.port}/hook"
            system = self._consumers.webhook("TLS", {"orders": url}, ca_file=self._authority.ca)
            backlog = self._webhooks(count, 1)
            self._rounds(
                "one endpoint, TLS", 1, lambda: self._webhook_floor(url, count, 1, self._authority.ca),
                lambda: backlog.deliver(system, receiver),
            )

    def _mail(self) -> None:
        count = self._arguments.mails
        sink = PostfixSink() if PostfixSink.program() else self._programs.receiver("smtp")
        self._report.sink = "postfix's smtp-sink" if PostfixSink.program() else "a sink of its own"
        title(f"Mail, {SESSIONS} connections to {self._report.sink}: {count:,} of {MAIL_BYTES} bytes")
        backlog = Backlog(self._topics, self._broker, self._logs, "email", TIMEOUT)
        with Step("load"):
            backlog.publish(count, notifications.email)
        with sink as receiver:
            system = self._consumers.email("mail", receiver.port)
            self._rounds(
                "mails", self._arguments.rounds, lambda: self._mail_floor(receiver.port, count),
                lambda: backlog.deliver(system, receiver),
            )
        slow = min(count, 10 * SLOW_MAILS_PER_SECOND)
        with self._programs.receiver("smtp", delay_ms=SLOW_MS) as receiver:
            system = self._consumers.email("slow mail", receiver.port)
            backlog = Backlog(self._topics, self._broker, self._logs, "email", TIMEOUT)
            backlog.publish(slow, notifications.email)
            self._rounds(
                f"mails, {SLOW_MS} ms each", 1, lambda: self._mail_floor(receiver.port, slow),
                lambda: backlog.deliver(system, receiver),
            )

    def _webhooks(self, count: int, endpoints: int) -> Backlog:
        backlog = Backlog(self._topics, self._broker, self._logs, "webhook", TIMEOUT)
        with Step("load"):
            backlog.publish(
                count, lambda number: notifications.webhook(number, "orders" if endpoints == 1 else f"orders{number % endpoints}")
            )
        return backlog

    def _webhook_floor(self, url: str, count: int, hosts: int = 1, ca_file: Path | None = None) -> Floor:
        return self._programs.floor(
            "webhook", TRANSFERS, count, WEBHOOK_BYTES, hosts, url, *([ca_file] if ca_file else [])
        )

    def _mail_floor(self, port: int, count: int) -> Floor:
        return self._programs.floor("mail", SESSIONS, count, MAIL_BYTES, f"smtp://127.0.0.1:{port}/floor.example")

    def _rounds(self, name: str, rounds: int, floor, deliver) -> None:
        """The floor before and after, so that a machine that gets slower meanwhile shows."""
        measured: list[Measured] = self._report.drains.setdefault(name, [])
        for number in range(rounds):
            before = self._step("floor", floor)
            drain = self._step(name if rounds == 1 else f"{name}, {number + 1} of {rounds}", deliver)
            after = self._step("floor", floor)
            measured.append(Measured(before, drain, after))

    @staticmethod
    def _step(name: str, measure) -> Floor | Drain:
        with Step(name) as step:
            result = measure()
            step.result = f"{result.per_second:,.0f}/s, {result.cpu_us:.2f} µs each"
        return result

    # MARK: Steady loads

    def _latency(self) -> None:
        arguments = self._arguments
        title(f"From event to webhook at {arguments.rate:,} events/s, {arguments.seconds} s")

        def publish(publisher: Publisher, number: int) -> bool:
            topic, key, value = notifications.event(number)
            publisher.put(topic, key, value)
            return True

        with self._programs.receiver("http") as receiver:
            self._topics.renew((*names.EVENTS, names.of("webhook"), *names.others("webhook")))
            systems = [
                self._consumers.core("core", "orders"),
                self._consumers.webhook("latency", {"orders": f"http://127.0.0.1:{receiver.port}/hook"}),
            ]
            with Step("core and consumer") as step:
                self._report.latency = self._steady(
                    systems, receiver, publish, arguments.seconds, WARM_UP_OF_TRANSACTIONS
                )
                step.result = _spoken(self._report.latency)

    def _isolation(self) -> None:
        arguments = self._arguments
        seconds = max(4, arguments.seconds // 2)
        title(f"{ISOLATED} endpoints at {arguments.rate:,} webhooks/s, one of them hangs or not; {arguments.pairs} pairs")

        def publish(publisher: Publisher, number: int) -> bool:
            endpoint = number % ISOLATED
            key, value, headers = notifications.webhook(number, f"orders{endpoint}", is_timed=True)
            publisher.put(names.of("webhook"), key, value, headers)
            return endpoint > 0

        with self._programs.receiver("http") as receiver:
            healthy = {f"orders{i}": f"http://127.0.0.{i + 1}:{receiver.port}/hook" for i in range(ISOLATED)}
            # Not timed either: the receiver reads no time from a path of its own.
            healthy["orders0"] = f"http://127.0.0.1:{receiver.port}/untimed"
            hanging = healthy | {"orders0": f"http://127.0.0.1:{receiver.port}/hang"}
            systems = [
                self._consumers.webhook("all well", healthy, max_in_flight=16, timeout="3s"),
                self._consumers.webhook("one hangs", hanging, max_in_flight=16, timeout="3s"),
            ]
            for number in range(arguments.pairs):
                with Step(f"pair {number + 1} of {arguments.pairs}") as step:
                    pair = [self._isolated(system, receiver, publish, seconds) for system in systems]
                    self._report.isolation.append((pair[0], pair[1]))
                    step.result = f"p99 {pair[0].p99:.1f} ms without, {pair[1].p99:.1f} ms with"

    def _isolated(self, system: System, receiver: Receiver, publish, seconds: float) -> Latency:
        self._topics.renew((names.of("webhook"), *names.others("webhook")))
        return self._steady([system], receiver, publish, seconds)

    def _steady(
        self, systems: list[System], receiver: Receiver, publish, seconds: float, warm_up: float = WARM_UP_SECONDS
    ) -> Latency:
        receiver.reset()
        with running(systems, self._broker.address, self._logs) as started:
            load = SteadyLoad(started, receiver, self._broker.address, publish)
            load.warm_up(self._arguments.rate, warm_up)
            return load.measure(self._arguments.rate, seconds)

    # MARK: Memory

    def _memory(self) -> None:
        backlog_size = self._arguments.backlog
        title(f"Memory of webhook-consumer: idle, and {backlog_size:,} notifications for endpoints that are down")
        # Nobody listens there.
        down = {f"orders{i}": f"http://127.0.0.{i + 1}:1/hook" for i in range(ISOLATED)}
        self._topics.renew((names.of("webhook"), *names.others("webhook")))
        with Step("idle") as step:
            system = self._consumers.webhook("idle", down)
            idle = self._report.idle = memory.watch(system, self._topics, "webhook", self._logs, IDLE_SECONDS)
            step.result = f"{idle.resident_mb:.1f} MB"
        backlog = self._webhooks(backlog_size, ISOLATED)
        del backlog
        with Step("all down") as step:
            system = self._consumers.webhook("down", down)
            held = self._report.down = memory.watch(system, self._topics, "webhook", self._logs, DOWN_SECONDS)
            step.result = f"{held.resident_mb:.1f} MB, at most {held.peak_mb:.1f} MB"

    def _show(self) -> int:
        report = self._report
        for line in report.lines():
            print(line)
        print(f"\n{report.machine}")
        print(report.as_json(), flush=True)
        if report.faults():
            raise Failure("; ".join(report.faults()))
        return 0


def _spoken(latency: Latency) -> str:
    return f"p50 {latency.p50:.1f} ms, p99 {latency.p99:.1f} ms"
