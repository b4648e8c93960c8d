"""What the receivers are told to answer: by channel and by endpoint, how often each script comes."""

from __future__ import annotations

from .channels import EMAIL, SLACK, SMS, WEBHOOK

Weighted = dict[str, int]

# Endpoints by what is special about them; the number is how many there are.
STEADY, BUSY, SLOW, PROXIED, GONE, UNTRUSTED, NAMELESS = "steady", "busy", "slow", "proxied", "gone", "untrusted", "nameless"
ENDPOINTS = {STEADY: 8, BUSY: 2, SLOW: 2, PROXIED: 2, GONE: 3, UNTRUSTED: 1, NAMELESS: 1}
ENDPOINT_SHARES: Weighted = {STEADY: 840, BUSY: 40, SLOW: 30, PROXIED: 60, GONE: 15, UNTRUSTED: 8, NAMELESS: 7}

_COMMON: Weighted = {
    "ok": 850, "500.ok": 20, "503.500.ok": 12, "502.504.500.ok": 8, "500.500.500.500.500.ok": 5, "500": 5,
    "503s2.ok": 6, "503d2.ok": 4, "500.500.500.500.503s3.ok": 3, "408.ok": 3, "425.ok": 3, "reset.ok": 10, "half.ok": 8,
    "long": 5, "400": 6, "404": 4, "301": 2, "500.404": 4, "500.500.500.500.422": 3,
}  # fmt: skip
WEBHOOKS: dict[str, Weighted] = {
    STEADY: _COMMON,
    # A 429 holds all of its endpoint back.
    BUSY: {"ok": 92, "429s1.ok": 3, "429d2.ok": 2, "429s2.429s1.ok": 1, "500.500.500.500.429s1.ok": 1},
    SLOW: {"ok": 90, "hang.ok": 5, "loris.ok": 5},
    PROXIED: {"ok": 95, "500.ok": 5},
    GONE: {"410": 1},
    UNTRUSTED: {"ok": 1},
    NAMELESS: {"ok": 1},
}
OTHERS: dict[str, Weighted] = {
    EMAIL.name: {
        "ok": 860, "451.ok": 20, "450.452.ok": 15, "451b.ok": 15, "552.ok": 5, "451.451b.450.451.451.ok": 4, "451": 4,
        "421.ok": 12, "drop.ok": 12, "hang.ok": 3, "550": 10, "554b": 8, "451.550": 4,
    },
    SLACK.name: {"ok": 880, "500.ok": 30, "503.500.ok": 20, "429s1.ok": 6, "reset.ok": 20, "400": 20, "500": 4},
    SMS.name: {"ok": 880, "429s1.ok": 8, "408.ok": 20, "500": 20, "reset": 20, "half": 10, "400": 20},
}  # fmt: skip


def of_channel(channel: str) -> dict[str, Weighted]:
    """By endpoint family; a channel without endpoints has one that is nameless."""
    return WEBHOOKS if channel == WEBHOOK.name else {"": OTHERS[channel]}
