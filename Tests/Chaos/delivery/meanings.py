"""What an attempt means for its notification, by the contract alone."""

from __future__ import annotations

import enum

from localhub.unruly.ledger import Entry

from .channels import EMAIL, SMS, Channel

TRANSIENT = {"408", "425", "429"}


class Meaning(enum.Enum):
    DELIVERED = "delivered"
    REFUSED = "refused for good"
    IN_DOUBT = "in doubt"  # and not to be tried again
    CLOSED = "the endpoint is closed"
    AGAIN = "to be tried again"
    UNKNOWN = "without a whole answer"  # to be tried again, too


CONCLUSIVE = {Meaning.DELIVERED, Meaning.REFUSED, Meaning.IN_DOUBT, Meaning.CLOSED}


def meaning(channel: Channel, entry: Entry) -> Meaning:
    status = entry.word[:3] if entry.word[:1].isdigit() else ""
    if channel is SMS and (status[:1] == "5" or entry.word in ("reset", "half")):
        return Meaning.IN_DOUBT
    if not entry.is_complete:
        return Meaning.UNKNOWN
    if not status:
        return Meaning.DELIVERED
    if channel is EMAIL:
        return Meaning.AGAIN if status[0] == "4" or status == "552" else Meaning.REFUSED
    if status == "410":
        return Meaning.CLOSED
    return Meaning.AGAIN if status[0] == "5" or status in TRANSIENT else Meaning.REFUSED
