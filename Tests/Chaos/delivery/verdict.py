"""Works out from what was sent, what the receivers saw and what the consumers wrote whether every promise was kept."""

from __future__ import annotations

import collections
from collections.abc import Iterable
from dataclasses import dataclass, field

from localhub.unruly.ledger import Entry

from .causes import Cause, Causes, left
from .channels import EMAIL, SMS
from .load import Load
from .meanings import CONCLUSIVE, Meaning, meaning
from .notifications import Notification, Notifications
from .order import Pass, overtaken
from .outputs import DeadLetter, Outputs
from .scripts import GONE, NAMELESS, PROXIED, SLOW, UNTRUSTED
from .setup import MAX_AGE, MAX_RETRIES, SLOW_TIMEOUT, TIMEOUT

EXAMPLES = 12
# Kafka's timestamps are whole milliseconds, rounded down.
TICK = 0.002
# An attempt that began in time arrives a little later; answers take a moment to be worked on.
DISPATCH = 1.0
# In flight, and completed since the last commit.
REPEATS_ALLOWED = 64 + 256
BREACHES = (
    "lost", "duplicated", "refused sent again", "dead-lettered early", "wrongly ended", "before due", "out of order",
    "after expiry", "closed called", "no final status", "misnamed",
)  # fmt: skip


@dataclass
class Case:
    """All that is known of one notification."""

    notification: Notification
    attempts: list[Entry]  # as they arrived

    @property
    def conclusive(self) -> list[Entry]:
        return [entry for entry in self.attempts if meaning(self.notification.channel, entry) in CONCLUSIVE]

    @property
    def delivered(self) -> list[Entry]:
        return [entry for entry in self.attempts if meaning(self.notification.channel, entry) is Meaning.DELIVERED]


@dataclass
class Verdict:
    breaches: dict[str, int] = field(default_factory=lambda: dict.fromkeys(BREACHES, 0))
    repeats: collections.Counter[Cause] = field(default_factory=collections.Counter)
    delivered: int = 0
    attempts: int = 0
    examples: list[str] = field(default_factory=list)

    def breach(self, what: str, text: str) -> None:
        self.breaches[what] += 1
        if self.breaches[what] <= 3 and len(self.examples) < EXAMPLES:
            self.examples.append(f"{what}: {text}")

    def of_kind(self, kind: str) -> tuple[int, int]:
        """How often a kind of fault made something be sent again, and how often at most in one process or fault."""
        counts = [count for cause, count in self.repeats.items() if cause.kind == kind]
        return sum(counts), max(counts, default=0)


class Judge:
    def __init__(
        self, notifications: Notifications, load: Load, outputs: Outputs, causes: Causes, is_strict: bool
    ) -> None:
        self._notifications, self._load, self._outputs, self._causes = notifications, load, outputs, causes
        self._is_strict = is_strict
        self._verdict = Verdict()

    def judge(self, entries: Iterable[Entry]) -> Verdict:
        by_number: dict[int, list[Entry]] = collections.defaultdict(list)
        for entry in entries:
            by_number[entry.number].append(entry)
        lanes: dict[tuple[str, int], list[Pass]] = collections.defaultdict(list)
        for number in range(self._load.sent):
            attempts = sorted(by_number.get(number, ()), key=lambda entry: entry.arrived)
            case = Case(self._notifications.get(number), attempts)
            self._judge(case)
            if place := self._pass(case):
                lanes[case.notification.lane].append(place)
        for passes in lanes.values():
            self._judge_order(passes)
        self._judge_closed(entry for attempts in by_number.values() for entry in attempts)
        return self._verdict

    # MARK: one notification

    def _judge(self, case: Case) -> None:
        number = case.notification.number
        self._verdict.attempts += len(case.attempts)
        delivered = case.delivered
        self._verdict.delivered += bool(delivered)
        finals = self._outputs.finals.get(number, [])
        dead = self._outputs.dead_letters.get(number, [])
        expired = [final for final in finals if final.status == "expired"]
        if not delivered and not dead and not expired:
            self._breach("lost", case)
        if not finals:
            self._breach("no final status", case)
        identity = self._notifications.id(number)
        if any(entry.id not in ("", identity) for entry in case.attempts):
            self._breach("misnamed", case)
        self._judge_repeats(case)
        self._judge_dead_letters(case)
        self._judge_expiry(case, [final.written for final in expired])
        self._judge_due(case)

    def _judge_repeats(self, case: Case) -> None:
        channel = case.notification.channel
        last: Entry | None = None
        for entry in case.attempts:
            what = meaning(channel, entry)
            if last is not None:
                cause = self._cause(case, last, entry)
                if cause is not None:
                    self._verdict.repeats[cause] += 1
                elif meaning(channel, last) is Meaning.DELIVERED:
                    self._breach("duplicated", case)
                else:
                    self._breach("refused sent again", case)
            if what in CONCLUSIVE:
                last = entry

    def _judge_dead_letters(self, case: Case) -> None:
        dead = self._outputs.dead_letters.get(case.notification.number, [])
        for letter in dead:
            if not self._is_due(case, letter):
                self._breach("dead-lettered early", case, f"{letter.reason} after {letter.attempts} attempts")
        last = max((letter.written for letter in dead), default=0.0)
        if len(dead) + bool(case.delivered) > 1 and self._fault_between(case, self._first_trace(case), last) is None:
            self._breach("wrongly ended", case, f"{len(dead)} dead letters, {len(case.delivered)} deliveries")

    def _is_due(self, case: Case, letter: DeadLetter) -> bool:
        """Whether a dead letter of that class may be there."""
        notification, reason = case.notification, letter.reason
        meanings = {meaning(notification.channel, entry) for entry in case.attempts}
        if reason == "permanent":
            return Meaning.REFUSED in meanings
        if reason == "endpoint_closed":
            return notification.family == GONE
        if reason == "in_doubt":
            # A stop or a rebalance does not wait for every answer.
            is_early = any(left(entry) <= letter.written <= entry.answered + TICK for entry in case.attempts)
            is_unclear = bool(meanings & {Meaning.IN_DOUBT, Meaning.UNKNOWN})
            return notification.channel is SMS and (is_unclear or is_early)
        if reason == "max_age":
            return letter.written - letter.first_failure >= MAX_AGE
        # A receiver that cannot be reached does not see every attempt.
        is_seen = notification.family not in (PROXIED, UNTRUSTED, NAMELESS)
        enough = MAX_RETRIES + 1
        return reason == "exhausted" and letter.attempts >= enough and (not is_seen or len(case.attempts) >= enough)

    def _judge_expiry(self, case: Case, expired: list[float]) -> None:
        expiry = self._load.expiries.get(case.notification.number)
        if expired and (expiry is None or min(expired) < expiry - TICK):
            self._breach("wrongly ended", case, "expired")
        for entry in case.attempts:
            if expiry is not None and entry.arrived > expiry + DISPATCH:
                if self._causes.interruption(entry.sender, expiry, entry.arrived) is None:
                    self._breach("after expiry", case)

    def _judge_due(self, case: Case) -> None:
        for first, second in zip(case.attempts, case.attempts[1:]):
            if first.due and second.arrived < first.due - TICK and not self._restarted(case, first, second):
                self._breach("before due", case, f"{first.due - second.arrived:.3f} s before Retry-After")
        for retry in self._outputs.retries.get(case.notification.number, []):
            after = next((entry for entry in case.attempts if entry.arrived > retry.written + TICK), None)
            if after and after.arrived < retry.not_before - TICK and self._fork(case, after.arrived) is None:
                self._breach("before due", case, f"{retry.not_before - after.arrived:.3f} s before it was due in its tier")

    def _restarted(self, case: Case, first: Entry, second: Entry) -> bool:
        """Whether a fault made the process that was to wait forget it."""
        if self._causes.interruption(first.sender, left(first), second.arrived):
            return True
        return self._fork(case, second.arrived) is not None

    # MARK: lanes and endpoints

    def _pass(self, case: Case) -> Pass | None:
        """The attempts in the lane; None without any."""
        attempts = case.attempts
        retries = self._outputs.retries.get(case.notification.number, [])
        if retries and not (self._is_strict and case.notification.channel is EMAIL):
            moved = min(retry.decided for retry in retries)
            attempts = [entry for entry in attempts if entry.arrived <= moved + TICK]
        # A repeat has no place in the order.
        for index, entry in enumerate(attempts):
            if meaning(case.notification.channel, entry) in CONCLUSIVE:
                attempts = attempts[: index + 1]
                break
        return Pass(case.notification.number, attempts) if attempts else None

    def _judge_order(self, passes: list[Pass]) -> None:
        channel = self._notifications.get(passes[0].number).channel

        def is_excused(earlier: Pass, begin: float) -> bool:
            # It had moved to another topic, but nobody came to know.
            started = [entry for entry in earlier.attempts if entry.arrived < begin]
            for entry in started:
                if self._causes.interruption(entry.sender, left(entry), earlier.end):
                    return True
                if self._causes.absence(entry.sender, entry.arrived, earlier.end):
                    return True
            has_copies = earlier.number in self._outputs.retries and bool(started)
            return has_copies and self._causes.fault(channel, started[0].arrived, earlier.end) is not None

        for earlier, later in overtaken(passes, is_excused):
            self._verdict.breach("out of order", f"notification {later} before the end of {earlier}")

    def _judge_closed(self, entries: Iterable[Entry]) -> None:
        """An endpoint that answered 410 is not called again by a process, unless that has read its configuration since."""
        gone: dict[tuple[str, str], list[Entry]] = collections.defaultdict(list)
        for entry in entries:
            if entry.word == "410":
                gone[entry.sender, entry.place].append(entry)
        for (sender, place), calls in gone.items():
            closed = min(entry.answered for entry in calls)
            for entry in calls:
                if entry.arrived <= closed + DISPATCH or self._causes.interruption(sender, closed, entry.arrived):
                    continue
                # A reload opens it until the next 410.
                last = max(call.answered for call in calls if call.answered + DISPATCH < entry.arrived)
                if not self._causes.reloaded(sender, last - DISPATCH, entry.arrived):
                    self._verdict.breach("closed called", f"{place} by {sender}, {entry.arrived - closed:.1f} s later")

    # MARK: helpers

    def _cause(self, case: Case, first: Entry, again: Entry) -> Cause | None:
        notification = case.notification
        timeout = SLOW_TIMEOUT if notification.family == SLOW else TIMEOUT
        cause = self._causes.of_repeat(notification.destination, first, again, timeout)
        return cause or self._fork(case, again.arrived)

    def _fork(self, case: Case, end: float) -> Cause | None:
        """A fault that may have left two copies: one in a retry topic and the one that it was made of."""
        if case.notification.number not in self._outputs.retries:
            return None
        return self._fault_between(case, self._first_trace(case), end)

    def _fault_between(self, case: Case, begin: float, end: float) -> Cause | None:
        return self._causes.fault(case.notification.channel, begin, end)

    def _first_trace(self, case: Case) -> float:
        number = case.notification.number
        times = [entry.arrived for entry in case.attempts[:1]]
        times += [retry.decided for retry in self._outputs.retries.get(number, [])]
        times += [letter.written for letter in self._outputs.dead_letters.get(number, [])]
        return min(times, default=0.0)

    def _breach(self, what: str, case: Case, text: str = "") -> None:
        notification = case.notification
        words = " ".join(f"{entry.word}@{entry.arrived:.3f}({entry.sender})" for entry in case.attempts[:10])
        where = f"notification {notification.number} to {notification.destination}, {notification.script}"
        self._verdict.breach(what, f"{where}: {text or 'attempts'} {words}".rstrip())
