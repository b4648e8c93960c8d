"""The processes under test and their supervisor, which starts again what ends, as systemd or Kubernetes would."""

from __future__ import annotations

import collections
import json
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

from localhub.processes import clean_environment

RESTART_DELAY = 0.3
STOP_LIMIT = 40.0
EXPECTED_CODES = {0, 69, 70, -signal.SIGKILL}
LAST_WORDS = 150  # so much of a reason tells it from others
UNEXPLAINED = {0, -signal.SIGKILL}  # codes of which a process need not say why


@dataclass
class Life:
    """One process, from its start to its end. Times are seconds since 1970; None for what did not happen."""

    name: str  # it gets to know it as CHAOS_LIFE
    member: Member
    started: float
    stops: list[tuple[float, float]] = field(default_factory=list)  # from SIGSTOP to SIGCONT
    stopped: float | None = None  # by a SIGSTOP that still lasts
    reloads: list[float] = field(default_factory=list)  # SIGHUPs
    killed: float | None = None
    ended: float | None = None  # when that was noticed
    code: int | None = None


class Member:
    """One instance of the executable, over all its restarts."""

    def __init__(self, name: str, binary: Path, environment: dict[str, str], log: Path, has_identity: bool) -> None:
        self.name, self.log, self.has_identity = name, log, has_identity
        self._binary, self._environment = binary, environment
        self.process: subprocess.Popen | None = None
        self.held = False  # down on purpose: not to be started again
        self.ended_at: float | None = None
        self.lives: list[Life] = []
        self._log_begin = 0  # where the last life's part of the log begins

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    @property
    def age(self) -> float:
        """Seconds since the last start."""
        return time.time() - self.lives[-1].started

    def start(self) -> None:
        self.held, self.ended_at = False, None
        life = Life(f"{self.name}-{len(self.lives)}", self, time.time())
        self.lives.append(life)
        environment = clean_environment() | self._environment | {"CHAOS_LIFE": life.name}
        with self.log.open("ab") as output:
            self._log_begin = output.tell()
            self.process = subprocess.Popen(
                [str(self._binary)], env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip

    def signal(self, number: signal.Signals) -> None:
        if not self.running or self.process is None:
            return
        os.kill(self.process.pid, number)
        life, now = self.lives[-1], time.time()
        if number == signal.SIGKILL:
            life.killed = now
        elif number == signal.SIGHUP:
            life.reloads.append(now)
        elif number == signal.SIGSTOP:
            life.stopped = now
        elif number == signal.SIGCONT and life.stopped is not None:
            life.stops.append((life.stopped, now))
            life.stopped = None

    def last_words(self) -> str:
        """Why the last life has ended, as its log says it."""
        with self.log.open("rb") as log:
            log.seek(self._log_begin)
            lines = log.read().decode(errors="replace").splitlines()
        for line in reversed(lines):
            try:
                record = json.loads(line)
            except ValueError:
                return line  # such as the watchdog's
            if isinstance(record, dict) and record.get("level") == "error":
                return record.get("reason", record["message"])
        return "it does not say why"

    def twin(self, number: int) -> Member:
        """Another process with the same name and identity."""
        log = self.log.with_name(f"{self.name}-twin-{number}.log")
        return Member(self.name, self._binary, self._environment, log, self.has_identity)


class Fleet:
    """All members. One thread uses it and calls `tend` again and again."""

    def __init__(self, members: list[Member]) -> None:
        self.members = members
        self.guests: list[Member] = []  # that come and go in a storm; not started again
        self._gone: list[Member] = []
        self.exits: collections.Counter[int] = collections.Counter()
        self.reasons: collections.Counter[str] = collections.Counter()  # of those that left by themselves
        self.crashes: list[str] = []

    def start(self) -> None:
        for member in self.members:
            member.start()

    def tend(self) -> None:
        """Notes what has ended and starts it again."""
        for member in self.members:
            if member.running:
                continue
            if member.ended_at is None:
                self._note(member)
            if not member.held and member.ended_at is not None and monotonic() - member.ended_at > RESTART_DELAY:
                member.start()
        for guest in [guest for guest in self.guests if not guest.running]:
            self._note(guest)
            self.guests.remove(guest)
            self._gone.append(guest)

    def _note(self, member: Member) -> None:
        member.ended_at = monotonic()
        code = member.process.returncode if member.process is not None else 0
        if member.lives:
            member.lives[-1].ended, member.lives[-1].code = time.time(), code
        self.exits[code] += 1
        if code not in UNEXPLAINED:
            self.reasons[f"{code}: {member.last_words()[:LAST_WORDS]}"] += 1
        if code not in EXPECTED_CODES:
            self.crashes.append(f"{member.name} ended with {code}: see {member.log}")

    def replace(self, old: Member, new: Member) -> None:
        """`new` takes the place of `old`, which stays as a guest until it ends."""
        self.members[self.members.index(old)] = new
        self.guests.append(old)

    def everyone(self) -> list[Member]:
        return self.members + self.guests

    @property
    def lives(self) -> list[Life]:
        """Of everyone who ever took part."""
        return [life for member in self.members + self.guests + self._gone for life in member.lives]

    def stop(self) -> list[str]:
        """SIGTERM to all; says who did not end cleanly."""
        running = [member for member in self.everyone() if member.running]
        for member in running:
            member.held = True
            member.signal(signal.SIGCONT)
            member.signal(signal.SIGTERM)
        return [fault for member in running if (fault := self._await_end(member))]

    def _await_end(self, member: Member) -> str | None:
        if member.process is None:
            return None
        try:
            code = member.process.wait(STOP_LIMIT)
        except subprocess.TimeoutExpired:
            member.process.kill()
            member.process.wait()
            return f"{member.name} did not end within {STOP_LIMIT:g} s of SIGTERM: see {member.log}"
        return None if code == 0 else f"{member.name} ended with {code} on SIGTERM: see {member.log}"

    def kill(self) -> None:
        for member in self.everyone():
            if member.running and member.process is not None:
                member.process.kill()
                member.process.wait()
