"""Draws notifications and the result for a terminal, 40 columns or wider."""

from __future__ import annotations

import html
import json
import os
import re
import shutil
import sys
import textwrap

from localhub.http_receiver import Request
from localhub.smtp_receiver import Mail

from .arrivals import Arrival

WIDTH = max(40, min(84, shutil.get_terminal_size((80, 24)).columns))
COLOUR = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
TINTS = {"email": "36", "sms": "35", "webhook": "34", "slack": "33"}


def paint(text: str, code: str) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if COLOUR else text


def bold(text: str) -> str:
    return paint(text, "1")


def dim(text: str) -> str:
    return paint(text, "2")


def heading(text: str, note: str) -> str:
    return f"\n{bold('▸ ' + text)}  {dim(note)}"


def card(arrival: Arrival, latency: float) -> str:
    """One notification in a box open to the right, so that no text can break its edge."""
    tint = TINTS[arrival.channel]
    edge = paint("│", tint)
    verdict = paint(f"✗ {arrival.fault}", "31") if arrival.fault else paint(f"✓ {arrival.verified}", "32")
    head = f" {arrival.channel} "
    rule = "─" * max(2, WIDTH - len(head) - 14)
    lines = [paint(f"  ╭─{head}{rule}", tint) + dim(f" {latency * 1000:6.0f} ms")]
    for line in body(arrival):
        lines += [f"  {edge} {part}".rstrip() for part in wrap(line)]
    lines.append(paint("  ╰─ ", tint) + verdict)
    return "\n".join(lines)


def wrap(line: str) -> list[str]:
    """Lines that fit; a continuation is indented as its line is."""
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(line, WIDTH - 5, subsequent_indent=indent, break_on_hyphens=False) or [""]


def body(arrival: Arrival) -> list[str]:
    raw = arrival.raw
    if isinstance(raw, Mail):
        return mail_lines(raw)
    if arrival.channel == "sms":
        return [f"To       {arrival.recipient}", "", *arrival.record.get("content", {}).get("text", "").splitlines()]
    if arrival.channel == "webhook":
        return webhook_lines(raw)
    return slack_lines(raw)


def mail_lines(mail: Mail) -> list[str]:
    message = mail.message
    fields = [f"{name:<8} {message[name]}" for name in ("From", "To", "Subject")]
    return fields + [""] + squeeze(mail.part("plain").strip().splitlines())


def squeeze(lines: list[str]) -> list[str]:
    """At most one empty line in a row."""
    return [line for index, line in enumerate(lines) if line.strip() or index == 0 or lines[index - 1].strip()]


def webhook_lines(request: Request) -> list[str]:
    headers = request.header_map
    lines = [f"{request.method} {request.path}"]
    lines += [f"{name}: {headers[name]}" for name in ("webhook-id", "webhook-timestamp", "webhook-signature") if name in headers]
    try:
        shown = json.dumps(json.loads(request.body), indent=2, ensure_ascii=False).splitlines()
    except ValueError:
        shown = request.body.decode(errors="replace").splitlines()
    return [*lines, "", *shown]


def slack_lines(request: Request) -> list[str]:
    """The blocks as text, or the fallback text where there are none."""
    try:
        message = json.loads(request.body)
    except ValueError:
        return [request.body.decode(errors="replace")]
    lines: list[str] = []
    for block in message.get("blocks", []):
        match block.get("type"):
            case "divider":
                lines.append("─" * 20)
            case "context":
                lines += [mrkdwn(part.get("text", "")) for part in block.get("elements", [])]
            case "actions":
                lines += [f"[ {part.get('text', {}).get('text', '')} ]" for part in block.get("elements", [])]
            case _:
                if "text" in block:
                    lines += mrkdwn(block["text"].get("text", "")).splitlines()
                lines += [" · ".join(mrkdwn(part["text"]).splitlines()) for part in block.get("fields", [])]
    return lines or mrkdwn(message.get("text", "")).splitlines()


def mrkdwn(text: str) -> str:
    """Slack's markup as plain text."""
    text = re.sub(r"<([^|>]+)\|([^>]+)>", r"\2 (\1)", text)
    return html.unescape(re.sub(r"[*`]", "", text))


def table(rows: list[tuple[str, str, str, str, str]]) -> str:
    """Event, channel, recipient, latency, verified; on a narrow terminal two lines a row."""
    titles = ("event", "channel", "recipient", "latency", "verified")
    widths = [max(len(row[column]) for row in [titles, *rows]) for column in range(5)]
    if sum(widths) + 10 <= max(WIDTH, 80) and shutil.get_terminal_size((80, 24)).columns >= sum(widths) + 10:
        lines = ["  " + "  ".join(value.ljust(width) for value, width in zip(row, widths)).rstrip() for row in [titles, *rows]]
        return "\n".join([bold(lines[0]), *(marked(line) for line in lines[1:])])
    lines = []
    for event, channel, recipient, latency, verified in rows:
        lines += [f"  {bold(event)} · {channel} · {latency}", marked(f"    {recipient} {verified}")]
    return "\n".join(lines)


def marked(line: str) -> str:
    return line.replace("✓", paint("✓", "32")).replace("✗", paint("✗", "31"))
