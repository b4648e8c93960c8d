"""Prometheus for processes on ports of their own: the shipped scrape configuration with other targets."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

from .processes import ROOT, Service

SHIPPED = ROOT / "deploy" / "observability"


def write_prometheus(folder: Path, services: Iterable[Service], interval: str | None = None) -> Path:
    """Writes prometheus.yaml and its alerts into the folder; each job of the shipped file gets its service's port."""
    ports = {service.name: service.port for service in services}
    document = yaml.safe_load((SHIPPED / "prometheus.yaml").read_text())
    for job in document["scrape_configs"]:
        job["static_configs"] = [{"targets": [f"127.0.0.1:{ports[job['job_name']]}"]}]
    if interval:
        document["global"] = {"scrape_interval": interval, "evaluation_interval": interval}
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy(SHIPPED / "alerts.yaml", folder)
    file = folder / "prometheus.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False))
    return file
