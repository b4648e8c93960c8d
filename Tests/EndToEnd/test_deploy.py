"""The files of deploy/: valid by Kubernetes' own schemas and systemd's own checker, and true to the executables."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from localhub.processes import BINARIES, EXECUTABLES, ROOT, run_once

pytestmark = pytest.mark.no_broker
MANIFESTS = ROOT / "deploy" / "kubernetes"
UNITS = sorted((ROOT / "deploy" / "systemd").glob("*.service"))
# The oldest and the newest version that they are for.
VERSIONS = ("1.27", "1.32")
SECRETS, FILES = "/run/secrets/notificationhub", "/etc/notificationhub-files"
DOCUMENTS = [document for file in sorted(MANIFESTS.glob("*.yaml")) for document in yaml.safe_load_all(file.read_text())]
# Those of KEDA are in no package; what they say is compared with the rest below.
STANDARD = [document for document in DOCUMENTS if not document["apiVersion"].startswith("keda.sh/")]
CONSUMERS = EXECUTABLES[1:]


def find(kind: str, name: str) -> dict:
    [found] = [d for d in DOCUMENTS if (d["kind"], d["metadata"]["name"]) == (kind, name)]
    return found


def pod(name: str) -> dict:
    return find("StatefulSet" if name == "core-service" else "Deployment", name)["spec"]["template"]["spec"]


SETTINGS: dict[str, str] = find("ConfigMap", "notificationhub-settings")["data"]


def variables(name: str) -> dict[str, str]:
    """What the container of this name gets, the instance's name as the first pod of it."""
    [container] = pod(name)["containers"]
    return SETTINGS | {entry["name"]: entry.get("value", f"{name}-0") for entry in container.get("env", [])}


@pytest.mark.parametrize("version", VERSIONS)
@pytest.mark.parametrize("document", STANDARD, ids=lambda d: f"{d['kind']}-{d['metadata']['name']}")
def test_a_manifest_is_valid(document: dict, version: str) -> None:
    kubernetes_validate.validate(document, version, strict=True)


@pytest.mark.parametrize("name", EXECUTABLES)
def test_a_pod_has_no_rights_and_time_to_end(name: str) -> None:
    spec = pod(name)
    [container] = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True and spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    # Beyond the drain: four seconds to leave the group, one for the last spans.
    assert spec["terminationGracePeriodSeconds"] >= int(SETTINGS["DRAIN_TIMEOUT"].removesuffix("s")) + 5 + 5
    budget = find("PodDisruptionBudget", name)["spec"]
    assert budget["selector"]["matchLabels"] == {"app.kubernetes.io/name": name} and budget["maxUnavailable"] == 1
    assert {"requests", "limits"} <= container["resources"].keys()


@pytest.mark.parametrize("name", EXECUTABLES)
def test_the_executable_takes_what_its_pod_gets(name: str, tmp_path: Path) -> None:
    """Every variable is one that it knows, every value one that it accepts, every file one that is mounted."""
    given = variables(name)
    mounted = {volume["name"]: volume for volume in pod(name)["volumes"]}
    items = {item["path"] for item in mounted["secrets"]["secret"]["items"]}
    for path in (value for value in given.values() if value.startswith(SECRETS)):
        assert Path(path).name in items
        (tmp_path / Path(path).name).write_text("whsec_" + "c2VjcmV0" * 4 if "webhook_secret" in path else "https://hooks.slack.com/x")
    moved = {key: value.replace(SECRETS, str(tmp_path)).replace(FILES, str(ROOT / "config")) for key, value in given.items()}
    shown = run_once(name, "--print-config", environment=moved | {"CONFIG_DIR": str(ROOT / "config")})
    assert shown.returncode == 0, shown.stderr
    text = shown.stdout + (ROOT / "config" / "endpoints.yaml").read_text()
    for variable in given.keys() - ({"ROUTING_FILE", "CONTACTS_FILE", "ENDPOINTS_FILE"} if name != "core-service" else set()):
        assert (variable.removesuffix("_FILE") if given[variable].startswith(SECRETS) else variable) in text, variable


@pytest.mark.parametrize("name", CONSUMERS)
def test_a_channel_scales_by_the_lag_of_its_topic(name: str) -> None:
    scaled = find("ScaledObject", name)["spec"]
    [trigger] = scaled["triggers"]
    metadata = trigger["metadata"]
    assert scaled["scaleTargetRef"] == {"name": name} and trigger["type"] == "kafka"
    assert (metadata["topic"], metadata["consumerGroup"]) == (f"notifications.{name.removesuffix('-consumer')}", name)
    assert metadata["bootstrapServers"] == SETTINGS["KAFKA_BROKERS"]
    assert trigger["authenticationRef"]["name"] == find("TriggerAuthentication", "kafka")["metadata"]["name"]
    assert "replicas" not in find("Deployment", name)["spec"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not installed")
@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_a_unit_is_valid(unit: Path, tmp_path: Path) -> None:
    instance = "0" if "core" in unit.name else "email"
    copy = tmp_path / unit.name.replace("@", f"@{instance}")
    copy.write_text(unit.read_text().replace("/usr/local/bin/", f"{BINARIES.resolve()}/"))
    result = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", str(copy)], capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, [line for line in result.stderr.splitlines() if unit.stem in line]) == (0, [])
    assert int(unit.read_text().split("TimeoutStopSec=")[1].split()[0]) >= 35
