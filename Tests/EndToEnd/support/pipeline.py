"""The configuration of the hub: the default one, with contacts, routes and templates that only the tests need."""

from __future__ import annotations

from .config import ConfigFolder
from .names import PLANTED_DOMAIN, PLANTED_PHONE

# Contacts of the file; every other contact comes from the topic or from the event itself.
ADA = {
    "email": f"ada@{PLANTED_DOMAIN}",
    "phone": f"{PLANTED_PHONE}0001",
    "name": "Ada Lovelace",
    "locale": "en",
}
RENE = {"email": f"rene@{PLANTED_DOMAIN}", "phone": f"{PLANTED_PHONE}0002", "name": "René Müller", "locale": "fr-CA"}
JUAN = {"email": f"juan@{PLANTED_DOMAIN}", "name": "Juan", "locale": "pt-BR"}
MUTE = {"name": "Nobody Reachable"}
CONTACTS = {"ada": ADA, "rene": RENE, "juan": JUAN, "mute": MUTE}

TEMPLATES = {
    "strict/email.subject.mustache": "Order {{order_id}}",
    "strict/email.text.mustache": "Order {{order_id}} for {{contact.name}}",
    "plain/email.subject.mustache": "{{title}}",
    "plain/email.text.mustache": "{{{body}}}",
    "plain/email.html.mustache": "<p>{{body}}</p>",
    "plain/sms.text.mustache": "{{body}}",
    "plain/slack.text.mustache": "{{body}}",
    "greeting/email.subject.mustache": "Hello",
    "greeting/email.text.mustache": "Hello",
    "greeting/email.fr.subject.mustache": "Bonjour",
    "greeting/email.fr.text.mustache": "Bonjour",
    "greeting/email.fr-BE.subject.mustache": "Salut",
    "greeting/email.fr-BE.text.mustache": "Salut",
}

ROUTES = [
    {
        "name": "strict-order",
        "event": "test.strict",
        "notify": [{"channel": "email", "to": ["recipient.email"], "template": "strict"}],
    },
    {
        "name": "plain",
        "event": ["test.plain", "test.also-plain"],
        "notify": [
            {"channel": "email", "to": ["recipient.email", "contact.email"], "template": "plain", "priority": "high"},
            {"channel": "sms", "to": ["recipient.phone", "contact.phone"], "template": "plain"},
        ],
    },
    {
        "name": "prefixed",
        "event": "test.prefixed.*",
        "when": {"amount": [{"numeric": [">", 100]}], "country": [{"anything-but": ["US"]}]},
        "notify": [{"channel": "webhook", "to": {"endpoint": "orders"}}],
    },
    {
        "name": "everybody",
        "event": "test.everybody",
        "notify": [{"channel": "email", "to": ["watchers"], "template": "greeting"}],
    },
    {
        "name": "greeting",
        "event": "test.greeting",
        "notify": [{"channel": "email", "to": ["contact.email"], "template": "greeting"}],
    },
    {
        "name": "short-lived",
        "event": "test.short-lived",
        "notify": [
            {"channel": "email", "to": ["recipient.email"], "template": "greeting", "expires_in": "1m"},
        ],
    },
    {
        "name": "quick-slack",
        "event": "test.slack",
        "notify": [{"channel": "slack", "to": {"endpoint": "sales"}, "template": "plain"}],
    },
]


def prepare(config: ConfigFolder) -> None:
    def contacts(document: dict) -> None:
        document.setdefault("contacts", {}).update(CONTACTS)

    def routes(document: dict) -> None:
        document["routes"] += ROUTES

    def endpoints(document: dict) -> None:
        document["endpoints"]["sales"]["rate"] = "100/s"

    config.edit("contacts.yaml", contacts)
    config.edit("routing.yaml", routes)
    config.edit("endpoints.yaml", endpoints)
    config.edit("core.yaml", lambda document: document.setdefault("contacts", {}).update(topic="user.contacts"))
    for name, text in TEMPLATES.items():
        config.write(f"templates/{name}", text)
