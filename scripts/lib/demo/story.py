"""What the demo publishes and what must come of it."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass


@dataclass(frozen=True)
class Story:
    """One event, the topic it goes to, and the channels that must notify."""

    topic: str
    event: dict[str, object]
    channels: tuple[str, ...]
    about: str

    @property
    def id(self) -> str:
        return str(self.event["event_id"])

    @property
    def type(self) -> str:
        return str(self.event["event_type"])


def stories(user_id: str) -> list[Story]:
    """One event of each type; the first has its recipient inside, the others name only a user with a contact."""
    run = uuid.uuid4().hex[:6]
    order = f"ORD-{run.upper()}"
    now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

    def event(number: int, type: str, user: str, **data: object) -> dict[str, object]:
        return {"event_type": type, "event_id": f"demo-{run}-{number}", "timestamp": now, "user_id": user} | data

    def money(amount: float) -> dict[str, object]:
        return {"order_id": order, "amount": amount, "currency": "EUR"}

    ada = {"email": "ada@example.com", "name": "Ada Lovelace"}
    return [
        Story(
            "order.events", event(1, "order.created", "ada", recipient=ada, **money(99.99)),
            ("email", "webhook", "slack"), "its recipient inside",
        ),
        Story("order.events", event(2, "order.cancelled", user_id, **money(99.99)), ("email", "sms"), "user_id only"),
        Story(
            "payment.events", event(3, "payment.success", user_id, payment_id=f"PAY-{run.upper()}", **money(49.95)),
            ("email",), "user_id only",
        ),
        Story(
            "payment.events",
            event(4, "payment.failed", user_id, payment_id=f"PAY-{run.upper()}", reason="card declined", **money(49.95)),
            ("email", "sms"), "user_id only",
        ),
        Story("user.events", event(5, "user.registered", user_id), ("email",), "user_id only"),
    ]  # fmt: skip
