"""Every command of the documentation does what it says, every verb is documented, and every alert has its page."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
from pathlib import Path

import pytest
import yaml

from localhub.observability import SHIPPED
from localhub.processes import BINARIES, EXECUTABLES, ROOT, clean_environment
from support.config import ConfigFolder
from support.hub import Hub
from support.names import CHANNELS, unique
from support.notifyctl import Notifyctl
from test_notifyctl import verbs

DOCUMENTS = ["README.md", *(str(p.relative_to(ROOT)) for d in ("docs", "deploy") for p in sorted((ROOT / d).rglob("*.md")))]
RUNBOOK = ROOT / "docs/OPERATIONS.md"
# What is run here: these programs, as they are written.
PROGRAMS = re.compile(r"(?:notifyctl(?!\()|curl|kafka-consumer-groups\.sh|source <\(notifyctl|[\w-]+-(?:service|consumer) --check)\b")
# What is not run here, and why. Each must be met in the documents.
ELSEWHERE = {
    r"(notifyctl|pods)\(\) ": "a shorthand for a cluster or for systemd",
    r"kubectl ": "needs a cluster; test_deploy.py checks the manifests, names are compared below",
    r"systemctl |journalctl ": "needs systemd as the first process; test_deploy.py has systemd check the units",
    r"systemd-run ": "needs systemd as the first process; test_deploy.py compares them with the units",
    r"(install|groupadd|cp) ": "changes the machine",
    r"docker compose |export SMTP_HOST": "needs a Docker engine",
    r"KAFKA_BROKERS=\S+ deploy/check-images\.sh ": "needs images, and an engine to run them",
    r"deploy/make-secrets\.sh": "writes into the checkout",
    r"\./scripts/test\.sh": "these tests",
    r"\./scripts/demo\.sh|kafka-local/up\.sh|\./(producer|consumer)\.sh|cd kafka-local": "starts a broker of its own in the checkout",
    r"KAFKA_HOME=… \./scripts/chaos\.sh|scripts/bench\.sh": "takes minutes; scripts/test.sh has the short form of the chaos test",
    r"acl ": "test_secure_kafka.py runs the pipeline with them",
}  # fmt: skip
ENDLESS = (["watch"], ["status", "tail", "--user", "test123"])
PORTS = {str(9464 + index): name for index, name in enumerate(EXECUTABLES)}


def blocks(document: str) -> list[str]:
    """Its shell examples, with lines that go on joined."""
    text = (ROOT / document).read_text()
    return [block.replace("\\\n", "") for block in re.findall(r"```sh\n(.*?)```", text, re.DOTALL)]


def commands() -> list[str]:
    found = []
    for document in DOCUMENTS:
        for block in blocks(document):
            # A function or a loop is one command.
            block = re.sub(r"^for .*?^done$", "acl …", block, flags=re.DOTALL | re.MULTILINE)
            found += [re.split(r"\s#", line)[0].strip() for line in block.splitlines()]
    return [command for command in dict.fromkeys(found) if command]


def run_here() -> list[str]:
    return [command for command in commands() if PROGRAMS.match(command)]


def test_every_command_is_run_or_says_why_not() -> None:
    rest = [command for command in commands() if not PROGRAMS.match(command) and not command.startswith("acl()")]
    assert [command for command in rest if not any(re.match(pattern, command) for pattern in ELSEWHERE)] == []
    for pattern in ELSEWHERE:
        assert any(re.match(pattern, command) for command in rest), f"nothing needs {pattern}"


def test_every_verb_is_documented() -> None:
    text = "\n".join(commands())
    for verb in verbs():
        assert f"notifyctl {verb.replace(' SHELL', '')}" in text, f"no example of {verb}"


def test_kubectl_and_systemctl_name_what_there_is() -> None:
    documents = [d for f in (ROOT / "deploy/kubernetes").glob("*.yaml") for d in yaml.safe_load_all(f.read_text())]
    names = {(document["kind"].lower(), document["metadata"]["name"]) for document in documents}
    units = {path.name.split("@")[0] for path in (ROOT / "deploy/systemd").glob("*.service")}
    kinds = {"deploy": "deployment", "deployment": "deployment", "statefulset": "statefulset"}
    found = 0
    for command in commands():
        if "kubectl " in command:
            assert "-n notificationhub" in command or "-f deploy/kubernetes/" in command, command
            for kind, name in re.findall(r"\b(deploy|deployment|statefulset)/([a-z-]+)\b", command):
                found += 1
                assert kind == "deploy" and name == "kubernetes" or (kinds[kind], name) in names, command
        if command.startswith(("systemctl", "journalctl")):
            for unit in re.findall(r"\b(notificationhub-\w+)@", command):
                found += 1
                assert unit in units, command
        for file in re.findall(r"-f (deploy/kubernetes/\S*)", command):
            assert (ROOT / file).exists(), command
    assert found > 10


# MARK: the runbook


def alerts() -> list[dict]:
    groups = yaml.safe_load((SHIPPED / "alerts.yaml").read_text())["groups"]
    return [rule for group in groups for rule in group["rules"] if "alert" in rule]


def anchors(document: Path) -> list[str]:
    """As GitHub makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return [re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings]


def test_every_alert_has_its_section_and_names_it() -> None:
    for rule in alerts():
        page, anchor = rule["annotations"]["runbook_url"].split("#")
        assert (ROOT / page).resolve() == RUNBOOK and anchor == rule["alert"].lower()
    part = RUNBOOK.read_text().split("\n## Alerts\n")[1].split("\n## ")[0]
    assert re.findall(r"^### (.+)$", part, re.MULTILINE) == [rule["alert"] for rule in alerts()]
    for section in part.split("\n### ")[1:]:
        assert "```sh" in section or "](#" in section, f"no command and no other section: {section.splitlines()[0]}"


@pytest.mark.parametrize("document", DOCUMENTS)
def test_links_lead_somewhere(document: str) -> None:
    path = ROOT / document
    for target in re.findall(r"\]\(([^)\s]+)\)", path.read_text()):
        if target.startswith("http"):
            continue
        page, _, anchor = target.partition("#")
        linked = (path.parent / page).resolve() if page else path
        assert linked.exists(), target
        assert not anchor or anchor in anchors(linked), target


def test_the_runbook_names_only_metrics_settings_and_classes_that_exist() -> None:
    text = RUNBOOK.read_text()
    metrics = (ROOT / "docs/METRICS.md").read_text()
    for name in re.findall(r"\b(?:notificationhub_)?(\w+_(?:total|seconds_sum))\b", text):
        assert f"notificationhub_{name.removesuffix('_sum')}`" in metrics, name
    readme = (ROOT / "README.md").read_text()
    for name in re.findall(r"`(KAFKA_\w+|[A-Z]+_[A-Z_]+[A-Z])(?:=\S*)?`", text):
        known = readme + "MSG_SIZE_TOO_LARGE PRODUCER_FENCED INVALID_PRODUCER_EPOCH UNKNOWN_TOPIC_OR_PART NOT_ENOUGH_REPLICAS"
        known += " TOPIC_AUTHORIZATION_FAILED KAFKA_HOME NAME_FILE LD_LIBRARY_PATH"
        assert name.removesuffix("_FILE") in known, name


# MARK: running


@pytest.fixture(scope="module")
def folder(hub: Hub, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the examples can be run: the files that they name are there, and the queues are nobody else's."""
    folder = tmp_path_factory.mktemp("docs")
    config = ConfigFolder(folder / "config")
    shutil.copytree(hub.config.path, config.path, dirs_exist_ok=True)
    config.edit("core.yaml", lambda document: document["topics"].update(events_dlq=unique("events.dlq")))
    for channel in CHANNELS:
        config.edit(f"{channel}.yaml", lambda document: document["kafka"].update(dlq_topic=unique("e2e.dlq")))
    (folder / "event.json").write_text(json.dumps({"event_type": "order.created", "user_id": "test123", "order_id": "1"}))
    shutil.copy(config.path / "routing.yaml", folder / "new.yaml")
    hub.broker.publish("order.events", {"event_type": "order.created", "user_id": "test123", "order_id": "1"}, partition=0)
    Notifyctl(hub.broker, CONFIG_DIR=str(config.path)).json("topics", "apply")
    return folder


@pytest.mark.real_broker("it cannot delete records")
@pytest.mark.parametrize("command", run_here())
def test_command(hub: Hub, folder: Path, command: str) -> None:
    environment = clean_environment() | hub.environment | {"CONFIG_DIR": str(folder / "config")}
    path = [str(BINARIES)]
    if command.startswith("kafka-"):
        if "KAFKA_HOME" not in os.environ:
            pytest.skip("KAFKA_HOME, Apache Kafka's folder, is not set")
        path.append(f"{os.environ['KAFKA_HOME']}/bin")
    environment["PATH"] = ":".join([*path, environment["PATH"]])
    endless = shlex.split(command)[1:] in [list(words) for words in ENDLESS]
    # The default ports belong to nobody here.
    command = re.sub(r"127\.0\.0\.1:(\d+)/", lambda found: f"127.0.0.1:{hub.services[PORTS[found[1]]].port}/", command)
    process = subprocess.Popen(
        ["bash", "-o", "pipefail", "-c", f"exec {command}" if endless else command], cwd=folder, env=environment,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if endless:
        # It works when it is still at it after a while; then it is told to end.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert "unknown" not in err and "must be" not in err
