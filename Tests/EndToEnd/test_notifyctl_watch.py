"""notifyctl watch in a real terminal (tmux), in a narrow one, and in pipes."""

from __future__ import annotations

import shlex
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from localhub.processes import BINARIES, clean_environment, free_port
from localhub.waiting import wait_until
from support.hub import Hub
from support.names import unique
from support.notifyctl import Notifyctl


class Terminal:
    """A command in a tmux of its own."""

    def __init__(self, columns: int, rows: int, *arguments: str) -> None:
        if not shutil.which("tmux"):
            pytest.skip("tmux is not installed")
        self._socket = unique("notifyctl-test")
        command = shlex.join([str(BINARIES / "notifyctl"), *arguments]) + "; echo exit=$?; exec cat"
        self.tmux("new-session", "-d", "-s", "t", "-x", str(columns), "-y", str(rows), f"exec bash -c {shlex.quote(command)}")

    def tmux(self, *arguments: str) -> str:
        done = subprocess.run(
            ["tmux", "-L", self._socket, "-f", "/dev/null", *arguments], env=clean_environment() | {"LANG": "C.UTF-8"},
            capture_output=True, text=True, timeout=20,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    @property
    def lines(self) -> list[str]:
        return [line for line in self.tmux("capture-pane", "-p", "-t", "t").splitlines() if line.strip()]

    def wait(self, text: str) -> list[str]:
        wait_until(lambda: any(text in line for line in self.lines), f"{text!r} on the screen")
        return self.lines

    def close(self) -> None:
        self.tmux("kill-server")


@pytest.fixture
def targets(hub: Hub) -> list[str]:
    """Every process, and one that is down."""
    found = [f"--target={name}=127.0.0.1:{service.port}" for name, service in hub.services.items()]
    return [*found, f"--target=gone=127.0.0.1:{free_port()}"]


@pytest.fixture
def open_terminal(targets: list[str]) -> Iterator:
    terminals: list[Terminal] = []

    def make(columns: int, rows: int, *more: str) -> Terminal:
        terminals.append(Terminal(columns, rows, "watch", "--interval", "200ms", *more, *targets))
        return terminals[-1]

    yield make
    for terminal in terminals:
        terminal.close()


def test_it_shows_every_process_and_ends_by_control_c(open_terminal, hub: Hub) -> None:
    terminal = open_terminal(100, 24)
    lines = terminal.wait("slack-consumer")
    assert lines[0].split()[:2] == ["PROCESS", "STATE"] and "LAG" in lines[0] and "CIRCUITS" in lines[0]
    states = {line.split()[0]: line.split()[1] for line in lines[1:] if ": " not in line}
    assert [line for line in lines if line.startswith("gone: ") and "Connection refused" in line]
    assert states == {name: "ready" for name in hub.services} | {"gone": "down"}
    # Rates come with the second look.
    wait_until(lambda: terminal.lines[1].split()[2] != "-", "a rate of the core")
    terminal.tmux("send-keys", "-t", "t", "C-c")
    # The screen is as it was before, and the end is clean.
    assert terminal.wait("exit=0") == ["exit=0"]


@pytest.mark.parametrize(("columns", "rows"), [(40, 24), (40, 4), (20, 10)])
def test_it_degrades_to_what_fits(open_terminal, columns: int, rows: int) -> None:
    terminal = open_terminal(columns, rows)
    lines = terminal.wait("gone")
    assert len(lines) <= rows and max(map(len, lines)) <= columns
    assert lines[0].startswith("PROCESS") and any("down" in line for line in lines) == (columns >= 40)
    assert ("LAG" in lines[0]) == (columns >= 40)
    terminal.tmux("resize-window", "-t", "t", "-x", "100", "-y", "24")
    assert "DEAD" in terminal.wait("CIRCUITS")[0]
    # The heading, six processes, and why one of them is down.
    assert len(terminal.lines) == 8


@pytest.mark.parametrize("count", [1, 2])
def test_a_look_that_was_counted_stays_on_the_screen(open_terminal, hub: Hub, count: int) -> None:
    terminal = open_terminal(100, 40, "--count", str(count))
    lines = terminal.wait("exit=0")
    headings = [index for index, line in enumerate(lines) if line.startswith("PROCESS")]
    assert len(headings) == count and lines[0].split()[:4] == ["PROCESS", "STATE", "IN/s", "OUT/s"]
    for index in headings:
        rows = [line.split() for line in lines[index + 1 : index + 7]]
        assert {row[0]: row[1] for row in rows} == {name: "ready" for name in hub.services} | {"gone": "down"}
        # The first look has rates already.
        assert all(row[2] != "-" for row in rows if row[0] != "gone")
    assert sum("gone: " in line and "Connection refused" in line for line in lines) == count


def test_a_narrow_terminal_shows_the_whole_reason(open_terminal) -> None:
    lines = open_terminal(40, 40, "--count", "1").wait("exit=0")
    reason = " ".join(line.strip() for line in lines[lines.index(next(x for x in lines if x.startswith("gone: "))) :])
    assert max(map(len, lines)) <= 40 and "Connection refused" in reason


def test_it_is_rows_in_a_pipe(hub: Hub, targets: list[str]) -> None:
    notifyctl = Notifyctl(None)
    rows = notifyctl.json("watch", "--count", "2", "--interval", "300ms", *targets)
    assert len(rows) == 12
    core = [row for row in rows if row["process"] == "core-service"]
    assert core[1]["state"] == "ready" and all(row["in_per_second"] >= 0 for row in core)
    gone = [row for row in rows if row["process"] == "gone"]
    assert [row["state"] for row in gone] == ["down", "down"] and "Connection refused" in gone[0]["reason"]
    assert "reason" not in core[0]
    process = notifyctl.start("watch", "--interval", "100ms", *targets, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(20), process.stderr.read()) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [(["--target", "core"], "--target must be NAME=HOST:PORT"), (["--interval", "0"], "--interval must be a duration"),
     (["--count", "x"], "--count must be a whole number")],
)  # fmt: skip
def test_bad_options(arguments: list[str], sentence: str) -> None:
    answer = Notifyctl(None)("watch", *arguments)
    assert (answer.code, answer.err.count("\n")) == (64, 1) and sentence in answer.err
