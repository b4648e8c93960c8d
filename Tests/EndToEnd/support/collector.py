"""The real OpenTelemetry Collector: OTLP over HTTP in, and every span it took, read from what it prints."""

from __future__ import annotations

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from localhub.processes import clean_environment, free_port
from localhub.waiting import wait_until

CONFIGURATION = """
receivers: {otlp: {protocols: {http: {endpoint: "${env:OTLP_HTTP}"}}}}
exporters: {debug: {verbosity: detailed}}
service: {pipelines: {traces: {receivers: [otlp], exporters: [debug]}}, telemetry: {metrics: {level: none}}}
"""
FIELD = re.compile(r"^\s*(?:-> )?([\w. ]+?)\s*: (.*)$")
VALUE = re.compile(r"^\w+\((.*)\)$")


@dataclass
class Span:
    service: str
    trace: str = ""
    id: str = ""
    parent: str = ""
    name: str = ""
    kind: str = ""
    failed: bool = False
    state: str = ""
    attributes: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)


class Collector:
    logs: list[Path] = []  # of the whole session: what services have told collectors

    def __init__(self, folder: Path) -> None:
        file = folder / "otelcol.yaml"
        file.write_text(CONFIGURATION)
        self._log = folder / "otelcol.log"
        Collector.logs.append(self._log)
        port = free_port()
        self.endpoint = f"http://127.0.0.1:{port}"
        environment = clean_environment() | {"OTLP_HTTP": f"127.0.0.1:{port}"}
        with self._log.open("wb") as output:
            self._process = subprocess.Popen(
                [os.environ["OTELCOL"], "--config", str(file)], env=environment, stdout=output, stderr=output
            )
        wait_until(lambda: "Everything is ready" in self._text(), "the collector to start")

    def _text(self) -> str:
        return self._log.read_text(errors="replace")

    def spans(self, trace: str | None = None) -> list[Span]:
        """The spans of a trace, or all, in the order they came."""
        return [span for span in parse(self._text()) if trace in (None, span.trace)]

    def wait(self, trace: str, count: int, timeout: float = 30) -> list[Span]:
        """The spans of a trace once there are that many, and no more of them."""
        wait_until(lambda: len(self.spans(trace)) >= count, f"{count} spans of {trace}", timeout)
        return self.spans(trace)

    def close(self) -> None:
        self._process.terminate()
        self._process.wait(20)


def parse(text: str) -> list[Span]:
    """Reads what the debug exporter prints: resources, their spans, and the parts of each."""
    spans: list[Span] = []
    service, section = "", ""
    for line in text.splitlines():
        if "ResourceSpans #" in line:  # behind the time of a log line
            section = "resource"
        elif line.startswith("Span #"):
            section = "span"
            spans.append(Span(service))
        elif section and line.strip() in ("Attributes:", "Links:"):
            section = {"Attributes:": "attributes", "Links:": "links"}[line.strip()]
        elif found := FIELD.match(line):
            name, value = found[1].strip(), found[2].strip()
            plain = VALUE.match(value)
            if section == "resource":
                service = plain[1] if plain and name == "service.name" else service
            elif section == "attributes" and "->" in line:
                spans[-1].attributes[name] = plain[1] if plain else value
            elif section == "links" and name == "ID":
                spans[-1].links.append(value)
            elif section == "span":
                keep(spans[-1], name, value)
    return spans


def keep(span: Span, name: str, value: str) -> None:
    fields = {"Trace ID": "trace", "Parent ID": "parent", "ID": "id", "Name": "name", "Kind": "kind", "TraceState": "state"}
    if name in fields:
        setattr(span, fields[name], value)
    elif name == "Status code":
        span.failed = value == "Error"
