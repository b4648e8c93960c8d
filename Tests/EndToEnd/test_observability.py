"""Metrics as Prometheus reads them: promtool, the page, the alerts and the dashboard, with Debian's own Prometheus."""

from __future__ import annotations

import json
import math
import re
import subprocess
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from localhub.observability import SHIPPED, write_prometheus
from localhub.processes import EXECUTABLES, ROOT, free_port
from localhub.waiting import wait_until
from support.hub import Hub
from support.names import unique

DASHBOARD = SHIPPED / "grafana" / "notificationhub.json"


@pytest.fixture(scope="module")
def tools() -> Path:
    """The folder of prometheus and promtool."""
    found = subprocess.run([ROOT / "scripts/lib/prometheus.sh"], capture_output=True, text=True, timeout=300)
    if found.returncode != 0:
        pytest.skip(f"no Prometheus: {found.stderr.strip()}")
    return Path(found.stdout.strip())


def promtool(tools: Path, *arguments: str, stdin: str | None = None) -> str:
    """What it says; it must have no complaint."""
    result = subprocess.run(
        [tools / "promtool", *arguments], cwd=SHIPPED, input=stdin, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def publish_all_types(hub: Hub) -> str:
    """One event of each type, whose last id it returns, so that every channel delivers."""
    types = {"order.events": ("order.created", "order.cancelled"), "payment.events": ("payment.failed",)}
    for topic, names in types.items():
        for name in names:
            event_id = unique("metrics")
            event = {"event_type": name, "event_id": event_id, "user_id": "ada", "order_id": "O-1", "amount": 9.5}
            hub.publish(event, topic)
    return event_id


@pytest.fixture(scope="module")
def metrics(hub: Hub) -> dict[str, str]:
    """What each process shows after it has had something to do, and has heard of its brokers."""
    hub.notification(publish_all_types(hub), "sms")

    def complete() -> dict[str, str] | None:
        texts = {name: service.get("/metrics")[1] for name, service in hub.services.items()}
        needed = ["notificationhub_kafka_broker_connected{"]
        consumers = ["notificationhub_event_to_delivered_seconds_bucket", 'class="none"} ']
        done = all(
            all(word in text for word in needed + (consumers if name != "core-service" else []))
            for name, text in texts.items()
        )
        return texts if done else None

    return wait_until(complete, "metrics of every process", 40)


def test_promtool_has_no_complaint(tools: Path, metrics: dict[str, str]) -> None:
    for text in metrics.values():
        assert promtool(tools, "check", "metrics", stdin=text) == ""


def test_promtool_would_complain(tools: Path) -> None:
    bad = "# TYPE notificationhub_x counter\nnotificationhub_x 1\n"
    result = subprocess.run([tools / "promtool", "check", "metrics"], input=bad, capture_output=True, text=True)
    assert result.returncode != 0


def test_the_page_has_exactly_what_the_processes_show(metrics: dict[str, str]) -> None:
    shown = {
        line.split()[2] for text in metrics.values() for line in text.splitlines() if line.startswith("# TYPE ")
    }
    page = (ROOT / "docs/METRICS.md").read_text()
    documented = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    assert shown == documented


def test_labels_are_bounded(metrics: dict[str, str]) -> None:
    """No sample of any process names a user, an event or a recipient; the planted ones are in all of them."""
    for text in metrics.values():
        for word in ("metrics-", "O-1", "@", "+41"):
            assert word not in text
        assert len(text.splitlines()) < 2000


def test_alert_rules(tools: Path, tmp_path: Path) -> None:
    promtool(tools, "check", "config", "prometheus.yaml")
    # Debian's Prometheus knows no Kubernetes: the rest of the file is checked with targets in its place.
    document = yaml.safe_load((SHIPPED / "prometheus.kubernetes.yaml").read_text())
    [job] = document["scrape_configs"]
    job["static_configs"] = [{"targets": ["127.0.0.1:9464"]}] if job.pop("kubernetes_sd_configs") else []
    document["rule_files"] = [str(SHIPPED / file) for file in document["rule_files"]]
    (tmp_path / "prometheus.yaml").write_text(yaml.safe_dump(document))
    promtool(tools, "check", "config", str(tmp_path / "prometheus.yaml"))
    assert "SUCCESS" in promtool(tools, "test", "rules", "alerts.test.yaml")


def test_rules_and_dashboard_mean_exactly_our_jobs() -> None:
    texts = [(SHIPPED / "alerts.yaml").read_text(), *queries()]
    patterns = {pattern for text in texts for pattern in re.findall(r'job=~"([^"]+)"', text)}
    assert patterns
    for pattern in patterns:
        names = [*EXECUTABLES, "another-consumer", "core-service-2"]
        assert [name for name in names if re.fullmatch(pattern, name)] == list(EXECUTABLES)


class Prometheus:
    def __init__(self, tools: Path, folder: Path, hub: Hub) -> None:
        self._port = free_port()
        config = write_prometheus(folder, hub.services.values(), interval="1s")
        self._log = (folder / "prometheus.log").open("wb")
        self._process = subprocess.Popen(
            [
                tools / "prometheus", f"--config.file={config}", f"--storage.tsdb.path={folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{self._port}",
            ],
            stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log,
        )  # fmt: skip

    def query(self, expression: str) -> list[float]:
        """The values of an instant query that are numbers."""
        query = urllib.parse.urlencode({"query": expression})
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self._port}/api/v1/query?{query}", timeout=10) as answer:
                result = json.load(answer)["data"]["result"]
        except urllib.error.HTTPError as error:
            if error.code == 503:  # it still starts
                return []
            raise AssertionError(f"{expression}: {error.read().decode()}") from None
        except OSError:
            return []
        values = [float(sample["value"][1]) for sample in result]
        return [value for value in values if not math.isnan(value)]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(20)
        self._log.close()


@pytest.fixture
def prometheus(tools: Path, hub: Hub, tmp_path: Path) -> Iterator[Prometheus]:
    prometheus = Prometheus(tools, tmp_path, hub)
    yield prometheus
    prometheus.stop()


def queries() -> list[str]:
    panels = json.loads(DASHBOARD.read_text())["panels"]
    return [target["expr"] for panel in panels for target in panel.get("targets", [])]


def test_every_query_of_the_dashboard_has_an_answer(prometheus: Prometheus, hub: Hub) -> None:
    stop = threading.Event()

    def traffic() -> None:
        while not stop.wait(0.25):
            publish_all_types(hub)

    publisher = threading.Thread(target=traffic)
    publisher.start()
    try:
        assert len(queries()) > 40
        pending = queries()

        def answered() -> bool:
            pending[:] = [expression for expression in pending if not prometheus.query(expression)]
            return not pending

        try:
            wait_until(answered, "an answer to each query", 60)
        except AssertionError:
            raise AssertionError("no answer to:\n" + "\n".join(pending)) from None
    finally:
        stop.set()
        publisher.join()


def test_the_dashboard_names_only_metrics_that_exist() -> None:
    page = (ROOT / "docs/METRICS.md").read_text()
    documented = {line.split("`")[1] for line in page.splitlines() if line.startswith("| `")}
    suffixes = ("_bucket", "_sum", "_count", "")
    texts = [*queries(), (SHIPPED / "alerts.yaml").read_text()]
    used = {name for text in texts for name in re.findall(r"\bnotificationhub_\w+", text)}
    unknown = {n for n in used if not any(n.endswith(s) and n.removesuffix(s) in documented for s in suffixes)}
    assert unknown == set()
