"""The soak: `scripts/soak.sh` builds, starts a broker and then this."""

from __future__ import annotations

import argparse
import json
import signal
import sys
import threading
import time
from pathlib import Path

from confluent_kafka import KafkaException

# Run as a folder, like the benchmark whose parts it uses.
sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "Benchmark")]

from delivery.programs import Programs  # noqa: E402
from harness import machine  # noqa: E402
from harness.failure import Failure  # noqa: E402
from harness.progress import Step, note, title, warn  # noqa: E402
from harness.publisher import Publisher  # noqa: E402
from harness.topics import Topics  # noqa: E402

from Soak.ends import Ends  # noqa: E402
from Soak.flaky import FlakyReceiver  # noqa: E402
from Soak.hub import EVENTS, TOPICS, Hub, event  # noqa: E402
from Soak.samples import Process, Sample, summary  # noqa: E402

PARTITIONS = 4
INTERVAL = 5.0
SHOWN_EVERY = 60.0
# The first part of a run does not count: pools fill, and every code path runs for the first time.
WARM_UP_SHARE, MOST_WARM_UP = 0.2, 300.0
# Retries of the last failures: a circuit that is open, then tiers of up to a minute.
END_LIMIT = 240.0
# More than so many seconds of load left at its end means that the machine does not hold the rate.
BEHIND_SECONDS = 10.0


class Soak:
    def __init__(self, arguments: argparse.Namespace) -> None:
        self._arguments = arguments
        self._seconds = arguments.minutes * 60
        self._warm_up = min(WARM_UP_SHARE * self._seconds, MOST_WARM_UP)
        self._total = int(self._seconds * arguments.rate)
        self._published = 0
        self._most_behind = 0
        self._left = 0  # behind when the last event was published
        self._faults: list[str] = []

    def run(self) -> int:
        arguments = self._arguments
        note(f"{machine.describe()}, load {machine.load_average():.1f}")
        topics = Topics(arguments.brokers, PARTITIONS, TOPICS)
        topics.require_none()
        with Step("topics, receivers"):
            topics.renew(TOPICS)
            programs = Programs(arguments.state)
            flaky = FlakyReceiver()
        ends = Ends(arguments.brokers, PARTITIONS, self._total)
        with programs.receiver("http") as steady, programs.receiver("smtp") as mail:
            with Hub(arguments.brokers, arguments.state, steady.port, flaky.url, mail.port) as hub:
                title(f"{arguments.rate:,} events/s for {arguments.minutes:g} minutes")
                processes = [Process(service.name, service.process.pid) for service in hub.services]
                broker = [Process("broker", arguments.broker_pid)] if arguments.broker_pid else []
                self._load(hub, ends, processes + broker)
                with Step("the last retries") as step:
                    step.result = self._await_ends(hub, ends)
                self._faults += hub.ended() + hub.stop()
            received = {"steady": int(steady.stats()["answered"]), "mail": int(mail.stats()["taken"])}
        ends.stop()
        flaky.close()
        return self._report(ends, processes, broker, received)

    def _load(self, hub: Hub, ends: Ends, processes: list[Process]) -> None:
        """Publishes at the rate, and takes samples meanwhile."""
        failure: list[BaseException] = []

        def publish() -> None:
            publisher = Publisher(self._arguments.brokers, linger_ms=5)

            def put(number: int) -> None:
                publisher.put(EVENTS, *event(number))
                self._published = number + 1

            try:
                publisher.steadily(self._arguments.rate, self._seconds, put)
            except BaseException as error:
                failure.append(error)

        thread = threading.Thread(target=publish, name="load", daemon=True)
        thread.start()
        start, shown, last = time.monotonic(), 0.0, {}
        while thread.is_alive():
            thread.join(INTERVAL)
            samples = {process.name: process.take() for process in processes}
            self._most_behind = max(self._most_behind, self._published - ends.ended)
            if hub.ended():
                raise Failure("; ".join(hub.ended()))
            elapsed = time.monotonic() - start
            if elapsed - shown >= SHOWN_EVERY:
                shown = elapsed
                self._show(elapsed, samples, last, ends)
                last = samples
        self._left = self._published - ends.ended
        if failure:
            raise failure[0]

    def _show(self, elapsed: float, samples: dict[str, Sample], last: dict[str, Sample], ends: Ends) -> None:
        parts = []
        for name, sample in samples.items():
            before = last.get(name)
            cpu = f"{100 * (sample.cpu - before.cpu) / (sample.at - before.at):.0f} %, " if before else ""
            parts.append(f"{name.split('-')[0]} {cpu}{sample.memory:.0f} MB, {sample.descriptors} fds, {sample.threads} threads")
        behind = self._published - ends.ended
        warm = " (warm-up)" if elapsed <= self._warm_up else ""
        note(f"{elapsed / 60:3.0f} min{warm}: {self._published:,} events, {behind:,} behind; " + " | ".join(parts))

    def _await_ends(self, hub: Hub, ends: Ends) -> str:
        deadline = time.monotonic() + END_LIMIT
        while ends.ended < self._published and time.monotonic() < deadline and not hub.ended():
            time.sleep(0.1)
        return f"{ends.ended:,} of {self._published:,} ended"

    def _report(self, ends: Ends, processes: list[Process], broker: list[Process], received: dict[str, int]) -> int:
        rate = self._arguments.rate
        lost = ends.lost(self._published)
        if self._published < self._total:
            self._faults.append(f"only {self._published:,} of {self._total:,} events were published")
        if lost:
            self._faults.append(f"{len(lost):,} notifications never ended, such as those of the events {lost[:5]}")
        if ends.doubled:
            self._faults.append(f"{ends.doubled:,} notifications ended twice")
        if ends.wrong:
            self._faults.append(f"{len(ends.wrong):,} statuses are not as planned: {ends.wrong[0]}")
        if self._left > BEHIND_SECONDS * rate:
            self._faults.append(f"{self._left:,} events behind at the end: this machine does not hold {rate:,} events/s")
        for process in processes:
            for name, trend in process.trends(self._warm_up).items():
                if not trend.is_flat:
                    self._faults.append(f"{process.name}: {name} grew by {trend.growth:.1f}, more than {trend.limit:.1f}")
        title(f"After a warm-up of {self._warm_up / 60:.1f} min")
        for line in summary(processes + broker, self._warm_up):
            print(line)
        print(
            f"\n{self._published:,} events, {ends.ended:,} notifications ended, {len(lost):,} lost, {ends.doubled:,} doubled; "
            f"{ends.attempts:,} attempts; receivers got {received['steady']:,} webhooks and {received['mail']:,} mails; "
            f"at most {self._most_behind:,} behind, {self._left:,} at the end of the load"
        )
        for fault in self._faults:
            warn(fault)
        print(json.dumps(self._values(ends, lost, processes + broker)), flush=True)
        print("flat, and nothing lost" if not self._faults else "failed")
        return 1 if self._faults else 0

    def _values(self, ends: Ends, lost: list[int], processes: list[Process]) -> dict:
        return {
            "minutes": self._arguments.minutes, "rate": self._arguments.rate, "events": self._published, "ended": ends.ended,
            "lost": len(lost), "doubled": ends.doubled, "attempts": ends.attempts,
            "most_behind": self._most_behind, "left": self._left,
            "growth": {p.name: {name: round(t.growth, 2) for name, t in p.trends(self._warm_up).items()} for p in processes},
            "faults": self._faults,
        }  # fmt: skip


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak.sh")
    parser.add_argument("--brokers", required=True)
    parser.add_argument("--broker-pid", type=int)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--rate", type=int, default=2000)
    return parser.parse_args()


def main() -> int:
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    try:
        return Soak(parse()).run()
    except Failure as failure:
        print(f"error: {failure}", file=sys.stderr)
        return 1
    except KafkaException as error:
        print(f"error: {error}", file=sys.stderr)
        return 69
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
