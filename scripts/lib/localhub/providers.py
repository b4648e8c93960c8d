"""Stand-ins for the services behind the channels; each checks what it gets as the real one would."""

from __future__ import annotations

import base64
import itertools
import json
import re
from urllib.parse import parse_qs

from standardwebhooks import Webhook, WebhookVerificationError

from .http_receiver import Answer, HTTPReceiver, Request

TWILIO_ACCOUNT = "AC00000000000000000000000000000001"
TWILIO_TOKEN = "twilio-token-a1b2c3d4"
E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class TwilioReceiver(HTTPReceiver):
    """Twilio's Messages API: Basic auth, form body, 201 with the message as JSON; its own error codes."""

    def __init__(self, account: str = TWILIO_ACCOUNT, token: str = TWILIO_TOKEN) -> None:
        self.path = f"/2010-04-01/Accounts/{account}/Messages.json"
        self._authorization = "Basic " + base64.b64encode(f"{account}:{token}".encode()).decode()
        self._numbers = itertools.count(1)
        super().__init__("Twilio", self.respond)

    def fault(self, request: Request) -> tuple[int, int, str] | None:
        """HTTP status, Twilio's code and message, where the request is not as the API wants it."""
        form = twilio_form(request)
        if request.header_map.get("authorization") != self._authorization:
            return 401, 20003, "Authenticate"
        if request.path != self.path or request.method != "POST":
            return 404, 20404, f"The requested resource {request.path} was not found"
        if not request.header_map.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return 415, 20415, "Unsupported media type"
        if not E164.fullmatch(form.get("To", "")):
            return 400, 21211, "Invalid 'To' Phone Number"
        if not form.get("Body"):
            return 400, 21602, "Message body is required"
        if not (form.get("From") or form.get("MessagingServiceSid")):
            return 400, 21603, "A 'From' phone number is required"
        return None

    def respond(self, request: Request) -> Answer:
        fault = self.fault(request)
        return twilio_error(*fault) if fault else self.accept(request)

    def accept(self, request: Request) -> Answer:
        sid = f"SM{next(self._numbers):032x}"
        form = twilio_form(request)
        body = {"sid": sid, "status": "queued", "to": form["To"], "from": form.get("From"), "num_segments": "1"}
        return Answer(201, json.dumps(body).encode(), {"Content-Type": "application/json"})


def twilio_form(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(request.body.decode(), keep_blank_values=True).items()}


def twilio_error(status: int, code: int, message: str, headers: dict[str, str] | None = None) -> Answer:
    body = {"code": code, "message": message, "more_info": f"https://www.twilio.com/docs/errors/{code}", "status": status}
    return Answer(status, json.dumps(body).encode(), {"Content-Type": "application/json"} | (headers or {}))


class SlackReceiver(HTTPReceiver):
    """Slack's incoming webhook: JSON with a text, answered with the body "ok"."""

    def __init__(self) -> None:
        super().__init__("Slack", self.respond)

    def fault(self, request: Request) -> str | None:
        try:
            message = json.loads(request.body)
        except ValueError:
            return "invalid_payload"
        if not isinstance(message, dict) or not message.get("text"):
            return "no_text"
        if len(message.get("blocks", [])) > 50:
            return "invalid_blocks"
        return None

    def respond(self, request: Request) -> Answer:
        fault = self.fault(request)
        return Answer(400, fault.encode()) if fault else Answer(200, b"ok")


class WebhookReceiver(HTTPReceiver):
    """An endpoint that verifies Standard Webhooks signatures with the reference library."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        super().__init__("webhook", self.respond)

    def fault(self, request: Request) -> str | None:
        try:
            Webhook(self.secret).verify(request.body, request.header_map)
        except (WebhookVerificationError, ValueError) as error:
            return str(error)
        return None

    def respond(self, request: Request) -> Answer:
        fault = self.fault(request)
        return Answer(401, fault.encode()) if fault else Answer(204)
