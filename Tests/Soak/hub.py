"""core-service, webhook-consumer and email-consumer with routes that turn every event into one notification."""

from __future__ import annotations

import json
from pathlib import Path

from localhub.processes import ROOT, Service, clean_environment

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3"
EXECUTABLES = ("core-service", "webhook-consumer", "email-consumer")
# Of each hundred events, by their number: mails, webhooks to a receiver that answers, webhooks to one that often fails.
MAILS, WEBHOOKS, FLAKY = 50, 49, 1
TIERS = ("1s", "10s", "1m")
STATUS = "notifications.status"
EVENTS = "order.events"
TOPICS = (
    EVENTS, "payment.events", "user.events", "events.dlq", STATUS, "notifications.sms", "notifications.slack",
    *(
        f"notifications.{channel}{suffix}"
        for channel in ("webhook", "email")
        for suffix in ("", ".dlq", *(f".retry.{tier}" for tier in TIERS))
    ),
)  # fmt: skip


def event(number: int) -> tuple[str, str]:
    """Key and value; the id is the number."""
    place = number % 100
    kind = "mail" if place < MAILS else "webhook" if place < MAILS + WEBHOOKS else "flaky"
    user = number * 2654435761 % 20_000
    value = {
        "event_id": f"{number}", "event_type": f"soak.{kind}", "user_id": f"u{user}", "email": f"user{user}@example.com",
        "order_id": f"ORD{number:06}", "amount": 99.95, "items": [{"sku": f"A{number % 97}", "qty": 2}],
    }  # fmt: skip
    return f"u{user}", json.dumps(value)


def is_flaky(number: int) -> bool:
    return number % 100 >= MAILS + WEBHOOKS


class Hub:
    """The services, each with its log in `folder`."""

    def __init__(self, brokers: str, folder: Path, http_port: int, flaky_url: str, smtp_port: int) -> None:
        config = folder / "config"
        (config / "templates" / "soak").mkdir(parents=True)
        endpoint = {"channel": "webhook", "secrets": [SECRET], "max_in_flight": 64, "timeout": "2s"}
        files: dict[str, object] = {
            "core.yaml": {"contacts": {"file": str(ROOT / "config" / "contacts.yaml")}},
            "routing.yaml": {
                "routes": [
                    _route("mail", {"channel": "email", "to": ["email"], "template": "soak"}),
                    _route("webhook", {"channel": "webhook", "to": {"endpoint": "steady"}}),
                    _route("flaky", {"channel": "webhook", "to": {"endpoint": "flaky"}}),
                ]
            },
            "endpoints.yaml": {
                "endpoints": {
                    "steady": endpoint | {"url": f"http://127.0.0.1:{http_port}/"},
                    "flaky": endpoint | {"url": flaky_url},
                }
            },
            "webhook.yaml": {"allow_networks": ["127.0.0.0/8"]},
            "email.yaml": {
                "smtp": {"host": "127.0.0.1", "port": smtp_port, "tls": "off"},
                "email": {"from": "Shop <noreply@example.com>"},
            },
        }
        for name, content in files.items():
            (config / name).write_text(json.dumps(content))  # which is YAML, too
        (config / "templates" / "soak" / "email.subject.mustache").write_text("Your order {{order_id}}")
        (config / "templates" / "soak" / "email.text.mustache").write_text(
            "Thank you!\n{{#items}}{{qty}} x {{sku}}\n{{/items}}Total: {{amount}}\n"
        )
        self._environment = clean_environment() | {
            "KAFKA_BROKERS": brokers, "CONFIG_DIR": str(config), "LOG_FORMAT": "json", "RETRY_TIERS": ",".join(TIERS),
        }  # fmt: skip
        self._folder = folder
        self.services: list[Service] = []

    def __enter__(self) -> Hub:
        for name in EXECUTABLES:
            self.services.append(Service(name, self._environment, self._folder / f"{name}.log"))
        try:
            for service in self.services:
                service.wait_ready(60)
        except BaseException:
            self._kill()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._kill()

    def _kill(self) -> None:
        for service in self.services:
            service.kill()

    def ended(self) -> list[str]:
        """What should run and does not."""
        return [f"{s.name} has ended with {s.process.returncode}" for s in self.services if not s.running]

    def stop(self) -> list[str]:
        """SIGTERM to all; says who did not end cleanly."""
        for service in self.services:
            service.terminate()
        return [f"{s.name} ended with {code} on SIGTERM" for s in self.services if (code := s.stop(60)) != 0]


def _route(kind: str, notify: dict) -> dict:
    return {"name": f"soak-{kind}", "event": f"soak.{kind}", "notify": [notify]}
