"""Every notifyctl command of the documentation does what it says, and every verb is documented."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from localhub.processes import BINARIES, ROOT, clean_environment
from support.config import ConfigFolder
from support.hub import Hub
from support.names import CHANNELS, unique
from support.notifyctl import Notifyctl
from test_notifyctl import verbs

DOCUMENTS = ("README.md", "docs/NOTIFYCTL.md")
ENDLESS = (["watch"], ["status", "tail", "--user", "test123"])


def commands() -> list[str]:
    found = []
    for document in DOCUMENTS:
        for block in re.findall(r"```sh\n(.*?)```", (ROOT / document).read_text(), re.DOTALL):
            found += [line.split(" #")[0].strip() for line in block.splitlines() if re.search(r"\bnotifyctl\b", line)]
    return list(dict.fromkeys(found))


def test_every_verb_is_documented() -> None:
    text = "\n".join(commands())
    for verb in verbs():
        assert f"notifyctl {verb.replace(' SHELL', '')}" in text, f"no example of {verb}"


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
@pytest.mark.parametrize("command", commands())
def test_command(hub: Hub, folder: Path, command: str) -> None:
    environment = clean_environment() | hub.environment | {"CONFIG_DIR": str(folder / "config")}
    environment["PATH"] = f"{BINARIES}:{environment['PATH']}"
    endless = shlex.split(command)[1:] in [list(words) for words in ENDLESS]
    process = subprocess.Popen(
        ["bash", "-c", f"exec {command}" if endless else command], cwd=folder, env=environment, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if endless:
        # It works when it is still at it after a while; then it is told to end.
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(2)
        process.terminate()
    out, err = process.communicate(timeout=60)
    assert process.returncode == 0, out + err
    assert "unknown" not in err and "must be" not in err
