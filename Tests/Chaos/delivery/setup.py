"""The files and variables with which a run starts its instances."""

from __future__ import annotations

import base64
import json
from pathlib import Path

from harness.broker import BrokerControl
from harness.fleet import Member
from localhub.unruly.process import UnrulyReceivers

from .channels import EMAIL, SLACK, SMS, TIERS, WEBHOOK, Channel, Topics
from .scripts import ENDPOINTS, NAMELESS, PROXIED, SLOW, UNTRUSTED

SESSION_TIMEOUT = 6  # the shortest that a broker allows by default
# Members that are killed while they join are waited for one session after another, and what is in flight has 5 s to end.
GAP_LIMIT = SESSION_TIMEOUT + 24.0
MAX_RETRIES = 6
MAX_AGE = 12.0  # seconds
TIMEOUT, SLOW_TIMEOUT = 5.0, 1.0  # of one attempt, in seconds
SENDER = "${CHAOS_LIFE}"  # which process a request comes from
SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()


class Setup:
    """Makes the members of each channel's group. The last of several has no identity of its own, the others a stable one."""

    def __init__(
        self, folder: Path, topics: Topics, broker: BrokerControl, binaries: Path, assignment: str,
        receivers: UnrulyReceivers, proxied: dict[str, str], is_strict: bool,
    ) -> None:  # fmt: skip
        """`proxied` has the address of each endpoint that a proxy stands before; `is_strict` is about mails."""
        self._folder, self._topics, self._broker, self._binaries = folder, topics, broker, binaries
        self._assignment = assignment
        self._ports, self._proxied, self._is_strict = receivers.ports, proxied, is_strict
        self._guests = 0
        self.logs = folder / "logs"
        for channel in topics.channels:
            place = folder / channel.name
            place.mkdir(parents=True)
            (place / f"{channel.name}.yaml").write_text(json.dumps(self._config(channel)))
            (place / "endpoints.yaml").write_text(json.dumps({"endpoints": self._endpoints(channel)}))

    @property
    def behind(self) -> list[str]:
        """The members that reach the broker through the proxy: one with and one without an identity of its own."""
        several = [channel for channel in self._topics.channels if channel.instances > 1]
        return [f"{channel.name}-1" for channel in several] if self._broker.behind else []

    @property
    def own_url(self) -> str:
        return f"http://127.0.0.1:{self._ports['http']}/own"

    def members(self) -> list[Member]:
        return [
            self._member(channel, f"{channel.name}-{number}", is_stable=number < max(1, channel.instances - 1))
            for channel in self._topics.channels
            for number in range(channel.instances)
        ]

    def guest(self) -> Member:
        """An instance more, of the channel that has the most."""
        self._guests += 1
        channel = max(self._topics.channels, key=lambda channel: channel.instances)
        return self._member(channel, f"{channel.name}-guest{self._guests}", is_stable=False)

    def _member(self, channel: Channel, name: str, is_stable: bool) -> Member:
        address = self._broker.behind if name in self.behind else None
        environment = {
            "CONFIG_DIR": str(self._folder / channel.name), "KAFKA_BROKERS": address or self._broker.address,
            "METRICS_SERVER_ADDRESS": "off", "LOG_FORMAT": "json",
        }  # fmt: skip
        if channel is SMS:
            environment |= {"TWILIO_ACCOUNT_SID": "AC1", "TWILIO_AUTH_TOKEN": "token", "TWILIO_FROM": "+15550100000"}
        if is_stable:
            environment["INSTANCE_ID"] = name
        return Member(name, self._binaries / channel.executable, environment, self.logs / f"{name}.log", is_stable)

    # MARK: the files

    def _config(self, channel: Channel) -> dict:
        topics = self._topics
        config: dict = {
            "kafka": {
                "group_id": topics.group(channel), "topic": topics.main(channel),
                "dlq_topic": topics.dead_letters(channel), "status_topic": topics.status,
                "partition.assignment.strategy": self._assignment,
            },
            "session_timeout": f"{SESSION_TIMEOUT}s",
            "retry": {
                "max_retries": MAX_RETRIES, "base_delay_ms": 50, "tiers": list(TIERS), "max_age": f"{MAX_AGE:g}s",
            },
            "circuit": {"cooldown": "500ms", "max_cooldown": "2s", "park_after": "1s"},
        }  # fmt: skip
        if channel is EMAIL:
            server = {"host": "127.0.0.1", "port": self._ports["smtp"], "tls": "off", "timeout": f"{TIMEOUT:g}s"}
            config["smtp"] = server | {"client_name": f"{SENDER}.example"}
            config["email"] = {"from": "Shop <shop@example.com>"}
            config["ordering"] = "strict" if self._is_strict else "relaxed"
            return config
        config["allow_networks"] = ["127.0.0.0/8"]
        if channel is SMS:
            base = f"http://127.0.0.1:{self._ports['http']}/by/{SENDER}"
            config["twilio"] = {"base_url": base, "timeout": f"{TIMEOUT:g}s"}
        if channel is WEBHOOK:
            config["urls_from_events"] = True
        return config

    def _endpoints(self, channel: Channel) -> dict:
        endpoint = {"channel": channel.name, "headers": {"X-Sender": SENDER}, "timeout": f"{TIMEOUT:g}s"}
        if channel is SLACK:
            url = f"http://127.0.0.1:{self._ports['http']}/slack"
            return {SLACK.name: endpoint | {"url": url, "rate": "1000/s"}}
        if channel is not WEBHOOK:
            return {}
        return {
            f"{family}-{number}": endpoint
            | {"url": self._url(family, f"{family}-{number}"), "secrets": [SECRET]}
            | ({"timeout": f"{SLOW_TIMEOUT:g}s"} if family == SLOW else {})
            for family, count in ENDPOINTS.items()
            for number in range(count)
        }

    def _url(self, family: str, name: str) -> str:
        if family == NAMELESS:
            return f"https://{name}.invalid/hook"
        if family == UNTRUSTED:
            return f"https://127.0.0.1:{self._ports['https']}/{name}"
        address = self._proxied.get(name, f"127.0.0.1:{self._ports['http']}") if family == PROXIED else ""
        return f"http://{address or '127.0.0.1:%d' % self._ports['http']}/{name}"
