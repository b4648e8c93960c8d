"""The load: what a shop's services publish, about 320 bytes each. Event number i is always the same."""

from __future__ import annotations

import collections

# Each type's topic and the channels of its default route.
TYPES = {
    "order.created": ("order.events", ("email", "webhook", "slack")),
    "order.cancelled": ("order.events", ("email", "sms")),
    "payment.success": ("payment.events", ("email",)),
    "payment.failed": ("payment.events", ("email", "sms")),
    "user.registered": ("user.events", ("email",)),
}
NAMES = list(TYPES)
USERS = 10_000


def event(number: int, event_id: str | None = None) -> tuple[str, str, str]:
    """Type, key and value."""
    mixed = number * 2654435761 >> 5
    name, user = NAMES[mixed % len(NAMES)], mixed // 7 % USERS
    amount = f"{mixed // 11 % 500}.{10 + number % 90}"
    time = f"2026-11-21T{number // 3600 % 24:02}:{number // 60 % 60:02}:{number % 60:02}Z"
    value = (
        f'{{"event_id": "{event_id or f"e{number:09}"}", "event_type": "{name}", "user_id": "u{user}", '
        f'"order_id": "ORD{number:06}", "amount": {amount}, "currency": "USD", '
        f'"email": "user{user}@example.com", "phone": "+15555550100", "timestamp": "{time}", '
        f'"items": [{{"sku": "A{number % 100}", "qty": 2}}, {{"sku": "B{number % 37}", "qty": 1}}]}}'
    )
    return name, f"u{user}", value


def notifications_of(counts: collections.Counter[str]) -> dict[str, int]:
    """How many notifications each channel must get for so many events of each type."""
    expected: collections.Counter[str] = collections.Counter()
    for name, count in counts.items():
        for channel in TYPES[name][1]:
            expected[channel] += count
    return dict(expected)
