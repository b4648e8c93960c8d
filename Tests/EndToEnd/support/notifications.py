"""Notifications as the wire contract describes them, for tests that drive one consumer alone."""

from __future__ import annotations

import uuid
from typing import Any

from localhub.kafka import Headers

from .names import new_address, new_phone, unique


def _notification(channel: str, recipient: dict[str, Any], content: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "id": str(uuid.uuid4()),
        "channel": channel,
        "event": {"id": unique("event"), "type": "order.created", "source": "order.events", "time": "2026-11-21T01:00:00Z"},
        "user_id": unique("user"),
        "recipient": recipient,
        "content": content,
        "route": "order-created",
        "priority": "normal",
        "metadata": {},
    } | more


def email(to: str | None = None, subject: str = "Hello", text: str = "Hello there", html: str | None = None, **more: Any):
    content = {"subject": subject, "text": text} | ({"html": html} if html is not None else {})
    recipient = {"email": to or new_address()} | ({"name": more.pop("name")} if "name" in more else {})
    return _notification("email", recipient, content, **more)


def sms(phone: str | None = None, text: str = "Hello there", **more: Any):
    return _notification("sms", {"phone": phone or new_phone()}, {"text": text}, **more)


def webhook(endpoint: str = "orders", data: Any = None, **more: Any):
    content = {"type": "order.created", "timestamp": "2026-11-21T01:00:00Z", "data": data or {"order_id": "ORD001"}}
    return _notification("webhook", {"endpoint": endpoint}, content, **more)


def slack(endpoint: str = "sales", text: str = "Hello there", blocks: list | None = None, **more: Any):
    content: dict[str, Any] = {"text": text} | ({"blocks": blocks} if blocks is not None else {})
    return _notification("slack", {"endpoint": endpoint}, content, **more)


def headers_of(notification: dict[str, Any]) -> Headers:
    return [
        ("ce_specversion", b"1.0"),
        ("ce_id", notification["id"].encode()),
        ("ce_source", b"/notificationhub/core"),
        ("ce_type", f"notification.{notification['channel']}".encode()),
        ("content-type", b"application/json"),
        ("traceparent", b"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ]
