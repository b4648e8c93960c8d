"""Puts a static member out of its group, as an operator's tool would. No Python client has this call."""

from __future__ import annotations

import socket
import struct

LEAVE_GROUP, VERSION = 13, 3


def leave_group(address: str, group: str, instance_id: str, timeout: float = 5) -> int:
    """Sends LeaveGroup for the member with this group.instance.id; returns Kafka's error code, -1 without an answer."""
    body = struct.pack(">hhi", LEAVE_GROUP, VERSION, 1) + _string("chaos") + _string(group)
    body += struct.pack(">i", 1) + _string("") + _string(instance_id)
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout) as connection:
            connection.sendall(struct.pack(">i", len(body)) + body)
            answer = connection.recv(4096)
    except OSError:
        return -1
    # Length, correlation id, throttle time, error code.
    return struct.unpack(">h", answer[12:14])[0] if len(answer) >= 14 else -1


def _string(text: str) -> bytes:
    data = text.encode()
    return struct.pack(">h", len(data)) + data
