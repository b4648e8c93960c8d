"""The files of deploy/: valid by Kubernetes' own schemas and systemd's own checker, and true to the executables."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from localhub.certificates import Authority
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
PROGRAMS = (*EXECUTABLES, "notifyctl")


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


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_pod_has_no_rights(name: str) -> None:
    spec = pod(name)
    [container] = spec["containers"]
    assert spec["securityContext"]["runAsNonRoot"] is True and spec["automountServiceAccountToken"] is False
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}
    }  # fmt: skip
    assert {"requests", "limits"} <= container["resources"].keys()


@pytest.mark.parametrize("name", EXECUTABLES)
def test_a_pod_has_time_to_end(name: str) -> None:
    spec = pod(name)
    # Beyond the drain: four seconds to leave the group, one for the last spans.
    assert spec["terminationGracePeriodSeconds"] >= int(SETTINGS["DRAIN_TIMEOUT"].removesuffix("s")) + 5 + 5
    budget = find("PodDisruptionBudget", name)["spec"]
    assert budget["selector"]["matchLabels"] == {"app.kubernetes.io/name": name} and budget["maxUnavailable"] == 1


def highest_peak(*names: str) -> float:
    """The largest "peak MB" of the README's tables in rows that begin so."""
    section = (ROOT / "README.md").read_text().split("## How fast")[1].split("\n## ")[0]
    found = []
    for table in re.findall(r"(?:^\|.*\n)+", section, re.MULTILINE):
        heading, _, *rows = [[cell.strip() for cell in line.strip("|\n").split("|")] for line in table.splitlines()]
        if heading[-1] == "peak MB":
            found += [float(row[-1]) for row in rows if row[0].startswith(names)]
    return max(found)


@pytest.mark.parametrize("name", EXECUTABLES)
def test_memory_is_at_least_twice_what_was_measured(name: str) -> None:
    peak = highest_peak("core") if name == "core-service" else highest_peak("webhooks", "mails", "1,000 endpoints", "one endpoint")
    [container] = pod(name)["containers"]
    unit = next(unit for unit in UNITS if ("core" in unit.name) == (name == "core-service")).read_text()
    limits = (container["resources"]["limits"]["memory"].removesuffix("i"), re.search(r"MemoryMax=(\w+)", unit)[1])
    for limit in limits:
        assert int(limit.removesuffix("M")) * 2**20 >= 2 * peak * 10**6
    # On purpose: docs/OPERATIONS.md says why.
    assert "cpu" not in container["resources"]["limits"] and "CPUQuota" not in unit


def test_the_operator_reaches_kafka_and_every_pod() -> None:
    [container] = pod("notifyctl")["containers"]
    assert container["command"] == ["sleep", "infinity"] and container["image"].startswith("notificationhub/notifyctl:")
    policies = [d["spec"] for d in DOCUMENTS if d["kind"] == "NetworkPolicy"]
    own = {"matchLabels": {"app.kubernetes.io/name": "notifyctl"}}
    port = [{"port": 9464, "protocol": "TCP"}]
    out = [rule for spec in policies if spec["podSelector"] in ({}, own) for rule in spec.get("egress", [])]
    assert {"to": [{"podSelector": {}}], "ports": port} in out
    assert any(rule["ports"] == [{"port": int(SETTINGS["KAFKA_BROKERS"].split(":")[1]), "protocol": "TCP"}] for rule in out)
    into = [rule for spec in policies if spec["podSelector"] == {} for rule in spec.get("ingress", [])]
    assert {"from": [{"podSelector": own}], "ports": port} in into


def test_prometheus_names_the_jobs_of_pods_as_the_alerts_do() -> None:
    [job] = yaml.safe_load((ROOT / "deploy/observability/prometheus.kubernetes.yaml").read_text())["scrape_configs"]
    assert job["kubernetes_sd_configs"] == [{"role": "pod", "namespaces": {"names": [find("Namespace", "notificationhub")["metadata"]["name"]]}}]
    found = set()
    for name in PROGRAMS:
        kind = "StatefulSet" if name == "core-service" else "Deployment"
        labels = find(kind, name)["spec"]["template"]["metadata"]["labels"]
        [container] = pod(name)["containers"]
        target = {f"__meta_kubernetes_pod_label_{re.sub(r'[^a-zA-Z0-9]', '_', key)}": value for key, value in labels.items()} | {
            "__meta_kubernetes_pod_container_port_name": (container.get("ports") or [{"name": ""}])[0]["name"],
            "__meta_kubernetes_pod_phase": "Running", "__meta_kubernetes_pod_name": f"{name}-x",
        }  # fmt: skip
        kept = True
        for rule in job["relabel_configs"]:
            value = target[rule["source_labels"][0]]
            matches = re.fullmatch(str(rule.get("regex", "(.*)")), value) is not None
            kept &= {"keep": matches, "drop": not matches, "replace": True}[rule["action"]]
            if rule["action"] == "replace":
                target[rule["target_label"]] = value
        if kept:
            found.add(target["job"])
            assert target["instance"] == f"{name}-x"
    assert found == set(EXECUTABLES)


def secret(name: str, authority: Authority) -> str:
    """What a secret's file may hold, by its name."""
    if name == "kafka_ca.pem":
        return authority.ca.read_text()
    return "whsec_" + "c2VjcmV0" * 4 if "webhook_secret" in name else "https://hooks.slack.com/x"


def test_the_operator_takes_what_its_pod_gets(tmp_path: Path, authority: Authority) -> None:
    given = variables("notifyctl")
    volumes = {volume["name"]: volume for volume in pod("notifyctl")["volumes"]}
    for item in volumes["secrets"]["secret"]["items"]:
        (tmp_path / item["path"]).write_text(secret(item["path"], authority))
    moved = {key: value.replace(SECRETS, str(tmp_path)).replace(FILES, str(ROOT / "config")) for key, value in given.items()}
    assert str(tmp_path) in moved["KAFKA_SASL_PASSWORD_FILE"]
    (tmp_path / "event.json").write_text('{"event_type": "order.created", "user_id": "test123", "order_id": "1"}')
    shown = run_once(
        "notifyctl", "explain", "--offline", str(tmp_path / "event.json"),
        environment=moved | {"CONFIG_DIR": str(ROOT / "config")},
    )  # fmt: skip
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize("name", EXECUTABLES)
def test_the_executable_takes_what_its_pod_gets(name: str, tmp_path: Path, authority: Authority) -> None:
    """Every variable is one that it knows, every value one that it accepts, every file one that is mounted."""
    given = variables(name)
    mounted = {volume["name"]: volume for volume in pod(name)["volumes"]}
    items = {item["path"] for item in mounted["secrets"]["secret"]["items"]}
    for path in (value for value in given.values() if value.startswith(SECRETS)):
        assert Path(path).name in items
        (tmp_path / Path(path).name).write_text(secret(Path(path).name, authority))
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


def by_systemd() -> list[str]:
    """The commands that the documents run by `systemd-run`."""
    texts = [(ROOT / name).read_text() for name in ("deploy/systemd/README.md", "docs/OPERATIONS.md")]
    return [found for text in texts for found in re.findall(r"systemd-run (.*?)(?:; \}|$)", text, re.MULTILINE) if found]


@pytest.mark.parametrize("command", [command for command in by_systemd() if command.startswith("--")])
def test_systemd_runs_the_tools_as_it_runs_the_units(command: str) -> None:
    """With the same properties; what they run is there, and takes its arguments."""
    words = shlex.split(command)
    given = {words[index + 1] for index, word in enumerate(words) if word == "-p"}
    rest = words[max(index for index, word in enumerate(words) if word == "-p") + 2 :]
    unit = UNITS[0].read_text().replace("%i", "webhook")
    assert "@" in UNITS[0].name and "consumer" in UNITS[0].name
    assert given <= set(unit.splitlines()) and f"Environment={words[words.index('-E') + 1]}" in unit
    assert {"DynamicUser=yes", "SupplementaryGroups=notificationhub"} <= given and "--pipe" in words
    assert (BINARIES / rest[0]).exists()
    if rest[1:] == ["--check"]:
        assert f"EnvironmentFile=-/etc/notificationhub/{rest[0].removesuffix('-consumer')}.environment" in given
