"""Matches what the receivers got with the notifications on Kafka, by id where the channel carries it, else by content."""

from __future__ import annotations

import json
import queue
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from localhub.http_receiver import Request
from localhub.kafka import Record, TopicReader
from localhub.providers import SlackReceiver, TwilioReceiver, WebhookReceiver, twilio_form
from localhub.smtp_receiver import Mail, SMTPReceiver
from localhub.waiting import Timeout, wait_until

MESSAGE_ID = re.compile(r"<([0-9a-f-]{36})@")


@dataclass(frozen=True)
class Arrival:
    """One notification as a receiver got it. `fault` says what is wrong with it, None when it is verified."""

    channel: str
    event_id: str
    notification_id: str
    recipient: str
    at: float
    verified: str
    fault: str | None
    raw: Mail | Request = field(repr=False)
    record: dict = field(repr=False)


class Arrivals:
    """Follows all receivers; `next` gives what came, in order."""

    def __init__(
        self,
        notifications: TopicReader,
        mail: SMTPReceiver,
        twilio: TwilioReceiver,
        webhook: WebhookReceiver,
        slack: SlackReceiver,
    ) -> None:
        self._notifications = notifications
        self._mail, self._twilio, self._webhook, self._slack = mail, twilio, webhook, slack
        self._taken: dict[str, int] = {}
        self._claimed: list[str] = []
        self._ready: queue.SimpleQueue[Arrival] = queue.SimpleQueue()

    def next(self, timeout: float) -> Arrival:
        wait_until(self._collect, "a notification", timeout)
        return self._ready.get()

    def rest(self) -> list[Arrival]:
        """What else is there now."""
        self._collect()
        found = []
        while not self._ready.empty():
            found.append(self._ready.get())
        return found

    def _collect(self) -> bool:
        for channel, inbox, match in (
            ("email", self._mail.mails, self._match_mail),
            ("sms", self._twilio.requests, self._match_sms),
            ("webhook", self._webhook.requests, self._match_webhook),
            ("slack", self._slack.requests, self._match_slack),
        ):
            items = inbox.all()
            for item in items[self._taken.get(channel, 0) :]:
                self._ready.put(match(item))
            self._taken[channel] = len(items)
        return not self._ready.empty()

    def _records(self, channel: str) -> Iterator[dict]:
        for record in self._notifications.records.all(lambda r: r.topic == f"notifications.{channel}"):
            yield record.json

    def _find(self, channel: str, **wanted: str) -> dict:
        """The notification on Kafka; of several with the same content the first that is not yet claimed."""

        def look() -> dict | None:
            fitting = [r for r in self._records(channel) if all(_fits(r, name, value) for name, value in wanted.items())]
            fresh = [r for r in fitting if r["id"] not in self._claimed]
            return next(iter(fresh or fitting), None)

        try:
            found = wait_until(look, "the record of the notification", 3)
        except Timeout:
            return {}
        self._claimed.append(found["id"])
        return found

    def _match_mail(self, mail: Mail) -> Arrival:
        identity = MESSAGE_ID.match(str(mail.message["message-id"]))
        record = self._find("email", id=identity[1]) if identity else {}
        fault = None if record else "its Message-ID is of no notification"
        if record and mail.part("plain").split() != record["content"]["text"].split():
            fault = "its text differs from the notification"
        return _arrival("email", record, mail.recipients[0], mail.at, "MIME, Message-ID", fault, mail)

    def _match_sms(self, request: Request) -> Arrival:
        form = twilio_form(request)
        record = self._find("sms", text=form.get("Body", ""), phone=form.get("To", ""))
        fault = self._twilio.fault(request)
        reason = fault[2] if fault else None if record else "it is of no notification"
        return _arrival("sms", record, form.get("To", "?"), request.at, "basic auth, form", reason, request)

    def _match_webhook(self, request: Request) -> Arrival:
        record = self._find("webhook", id=request.header_map.get("webhook-id", ""))
        fault = self._webhook.fault(request) or (None if record else "its webhook-id is of no notification")
        return _arrival("webhook", record, record.get("recipient", {}).get("endpoint", request.path), request.at, "signature", fault, request)

    def _match_slack(self, request: Request) -> Arrival:
        fault = self._slack.fault(request)
        record = {} if fault else self._find("slack", text=json.loads(request.body)["text"])
        fault = fault or (None if record else "it is of no notification")
        return _arrival("slack", record, record.get("recipient", {}).get("endpoint", "?"), request.at, "JSON, text", fault, request)


def _fits(record: dict, name: str, value: str) -> bool:
    places = {"id": record, "text": record.get("content", {}), "phone": record.get("recipient", {})}
    return places[name].get(name) == value


def _arrival(
    channel: str, record: dict, recipient: str, at: float, verified: str, fault: str | None, raw: Mail | Request
) -> Arrival:
    event = record.get("event", {}).get("id", "?")
    return Arrival(channel, event, record.get("id", "?"), recipient, at, verified, fault, raw, record)


def published_at(inputs: TopicReader, event_id: str) -> float:
    """When the event was written, in seconds since 1970, as its Kafka record says."""

    def mine(record: Record) -> bool:
        return record.value is not None and event_id.encode() in record.value

    return inputs.records.one(mine, what=f"event {event_id}").timestamp / 1000
