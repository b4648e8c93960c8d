"""notifyctl as a command line: help, faults, exit codes, completion, pipes and narrow terminals."""

from __future__ import annotations

import re
import subprocess

import pytest
from confluent_kafka.admin import NewTopic

from localhub.kafka import Broker
from localhub.processes import BINARIES, ROOT, clean_environment, free_port
from support.names import unique
from support.notifyctl import Notifyctl, dead_letter_headers

alone = Notifyctl(None)


def verbs() -> list[str]:
    """Every verb that --help names."""
    lines = alone("--help").out.split("Verbs:\n")[1].split("\n\n")[0].splitlines()
    return [re.split(r"\s{2,}", line.strip())[0] for line in lines]


def test_every_verb_explains_itself() -> None:
    assert len(verbs()) >= 5
    for verb in verbs():
        words = verb.replace(" SHELL", "").split()
        help = alone(*words, "--help")
        assert (help.code, help.err) == (0, "")
        assert f"Usage: notifyctl {' '.join(words)}" in help.out
        assert all(len(line) <= 130 for line in help.out.splitlines())
    assert alone("--version").out == "notifyctl 0.1.0\n"
    assert "notifyctl --version" in alone("--help").out and "/etc/notificationhub" in alone("--help").out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ([], "say what to do"),
        (["dlqq"], 'unknown verb "dlqq", did you mean dlq?'),
        (["dlq"], "dlq needs one of ls, show, redrive, purge"),
        (["dlq", "redriv"], 'unknown verb "dlq redriv", did you mean redrive?'),
        (["dlq", "redrive"], "dlq redrive needs QUEUE"),
        (["dlq", "ls", "email", "sms"], 'unexpected argument "sms"'),
        (["dlq", "ls", "--clas", "x"], "unknown option --clas, did you mean --class?"),
        (["dlq", "ls", "--class", "x"], "--class must be one of malformed"),
        (["dlq", "ls", "--class"], "--class needs a value: CLASS"),
        (["dlq", "ls", "--since", "soon"], "--since must be a time such as"),
        (["dlq", "ls", "email", "--limit", "0"], "--limit must be a whole number from 1"),
        # Kafka is not asked first.
        (["dlq", "redrive", "email", "--rate", "0"], "--rate must be a whole number from 1"),
        (["dlq", "redrive", "email", "--batch", "0"], "--batch must be a whole number from 1"),
        (["explain", "order.events:0"], "a record in Kafka is TOPIC:PARTITION:OFFSET"),
        (["dlq", "ls", "email", "--output", "xml"], "--output must be one of table, json"),
        (["completion", "tcsh"], "completion needs one of bash, zsh, fish"),
        (["--config", "x"], "the verb comes first"),
    ],
)
def test_wrong_usage_is_one_sentence_and_64(arguments: list[str], sentence: str) -> None:
    answer = alone(*arguments)
    assert (answer.code, answer.out) == (64, "")
    assert answer.err.startswith("notifyctl: ") and sentence in answer.err and answer.err.count("\n") == 1


def test_a_topic_that_does_not_exist(broker: Broker) -> None:
    answer = Notifyctl(broker)("dlq", "ls", "nothing.dlq")
    assert (answer.code, answer.err.count("\n")) == (64, 1) and "there is no topic nothing.dlq" in answer.err


def test_kafka_that_does_not_answer_is_69() -> None:
    answer = alone("dlq", "ls", "--brokers", f"127.0.0.1:{free_port()}")
    assert (answer.code, answer.out, answer.err.count("\n")) == (69, "", 1) and "does not answer" in answer.err


def test_faults_of_the_connection_are_78(tmp_path) -> None:
    (tmp_path / "core.yaml").write_text("kafka:\n  security.protocol: sasl_tls\n  brokerz: x\n")
    answer = alone("dlq", "ls", "--config", str(tmp_path))
    assert answer.code == 78 and "core.yaml:2" in answer.err and "core.yaml:3" in answer.err


@pytest.fixture
def full_queue(broker: Broker) -> str:
    topic = unique("e2e.full.dlq")
    broker.create_topics([NewTopic(topic, 2, 1)])
    headers = dead_letter_headers("notifications.email", 0)
    broker.publish_all([(topic, {"id": f"notification-{i}"}, f"user-{i}", headers) for i in range(3000)])
    return topic


@pytest.mark.parametrize("output", ["table", "json"])
def test_a_closed_pipe_is_a_quiet_end(broker: Broker, full_queue: str, output: str) -> None:
    process = Notifyctl(broker).start(
        "dlq", "ls", full_queue, "--limit", "3000", "--output", output, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    process.stdout.readline()
    process.stdout.close()
    assert (process.wait(30), process.stderr.read()) == (0, b"")


@pytest.mark.parametrize(
    "command",
    [["notifyctl", "--help"], ["notifyctl", "schema"], ["notifyctl", "watch", "--count", "1", "--interval", "100ms"],
     ["core-service", "--help"], ["core-service", "--print-config"]],
    ids=" ".join,
)  # fmt: skip
def test_output_that_cannot_be_written_is_said(command: list[str]) -> None:
    with open("/dev/full", "wb") as full:
        done = subprocess.run(
            [str(BINARIES / command[0]), *command[1:]], env=clean_environment(), cwd=ROOT, stdin=subprocess.DEVNULL,
            stdout=full, stderr=subprocess.PIPE, text=True, timeout=30,
        )  # fmt: skip
    sentence = f"{command[0]}: standard output cannot be written: No space left on device\n"
    assert (done.returncode, done.stderr) == (70, sentence)


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_tables_fit_the_terminal(broker: Broker, full_queue: str, columns: int) -> None:
    shown = Notifyctl(broker).in_terminal(columns, "dlq", "ls", full_queue, "--limit", "20")
    assert len(shown.splitlines()) >= 20
    assert max(len(line) for line in shown.splitlines()) <= columns
    assert "exhausted" in shown


def complete(*words: str) -> set[str]:
    """What bash offers for the last word."""
    script = f"""
        source <({BINARIES / 'notifyctl'} completion bash)
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
        _notifyctl
        printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    done = subprocess.run(
        ["bash", "-c", script, "bash", "notifyctl", *words], env=clean_environment(), cwd=ROOT, capture_output=True, text=True
    )  # fmt: skip
    assert (done.returncode, done.stderr) == (0, "")
    return set(done.stdout.split())


def test_bash_completes_verbs_options_and_values() -> None:
    assert {"dlq", "completion"} <= complete("")
    assert complete("dl") == {"dlq"}
    assert complete("dlq", "") == {"ls", "show", "redrive", "purge", "--help"}
    assert {"email", "events", "--yes", "--max-redrives", "--output"} <= complete("dlq", "redrive", "")
    assert complete("dlq", "redrive", "email", "--rat") == {"--rate"}
    assert complete("dlq", "ls", "--output", "") == {"table", "json"}
    assert complete("--output", "json", "dlq", "p") == {"purge"}
    assert complete("dlq", "ls", "--class", "ex") == {"exhausted"}
    assert complete("completion", "") == {"bash", "zsh", "fish"}


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_get_every_verb_and_option(shell: str) -> None:
    script = alone("completion", shell).out
    for verb in verbs():
        assert all(word in script for word in verb.replace(" SHELL", "").split())
    assert "max-redrives" in script and "exhausted" in script
