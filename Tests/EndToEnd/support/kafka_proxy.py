"""A TCP proxy between a Kafka client and its broker that knows where in the conversation they are.

It reads the frames of both directions, puts its own address where the broker names itself, and does what a test asks at
one point: before a request reaches the broker, when the broker has done it and the client does not know, or right after
the client knows.
"""

from __future__ import annotations

import enum
import itertools
import socket
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass


class Api(enum.IntEnum):
    """Requests by their number in Kafka's protocol."""

    PRODUCE = 0
    METADATA = 3
    OFFSET_COMMIT = 8
    OFFSET_FETCH = 9
    FIND_COORDINATOR = 10
    ADD_PARTITIONS_TO_TXN = 24
    ADD_OFFSETS_TO_TXN = 25
    END_TXN = 26
    TXN_OFFSET_COMMIT = 28


class Moment(enum.Enum):
    BEFORE = "before the broker sees it"
    UNANSWERED = "done, but the answer never arrives"
    AFTER = "after the answer"


@dataclass(frozen=True)
class Point:
    api: Api
    moment: Moment


NAMES_THE_BROKER = (Api.METADATA, Api.FIND_COORDINATOR)


class KafkaProxy:
    """Stands for one broker, which must be reached by the name that it gives itself."""

    def __init__(self, host: str, port: int) -> None:
        self._upstream = (host, port)
        self._server = socket.create_server((host, 0))
        self.address = f"{host}:{self._server.getsockname()[1]}"
        self._point: Point | None = None
        self._action: Callable[[], None] = lambda: None
        self._turns = range(0)
        self._turn = itertools.count(1)
        self._lock = threading.Lock()
        self._connections: list[Connection] = []
        threading.Thread(target=self._accept, name="proxy", daemon=True).start()

    def at(self, point: Point, action: Callable[[], None], nth: int = 1, times: int = 1) -> None:
        """Calls `action` when the conversation comes to the point, from the nth time on."""
        with self._lock:
            self._point, self._action, self._turns, self._turn = point, action, range(nth, nth + times), itertools.count(1)

    def pass_all(self) -> None:
        """Does nothing any more but pass everything on."""
        with self._lock:
            self._point = None

    def close(self) -> None:
        self._server.close()

    def cut(self) -> None:
        """From now on the broker is away, for whoever comes through here."""
        self.close()
        with self._lock:
            connections, self._connections = self._connections, []
        for connection in connections:
            connection.cut()

    def cut_at(self, point: Point) -> threading.Event:
        """Cuts when the conversation comes to the point; the event says that it has."""
        has_cut = threading.Event()

        def cut() -> None:
            self.cut()
            has_cut.set()

        self.at(point, cut)
        return has_cut

    def reached(self, point: Point) -> bool:
        """Notes a point, and acts where it is the one."""
        with self._lock:
            if point != self._point or next(self._turn) not in self._turns:
                return False
            action = self._action
        action()
        return True

    def in_its_name(self, frame: bytes) -> bytes:
        """An answer in which the broker has the proxy's port; strings of both encodings."""
        host, port = self._upstream
        name, own = host.encode(), int(self.address.rpartition(":")[2])
        for length in (struct.pack(">h", len(name)), bytes([len(name) + 1])):
            frame = frame.replace(length + name + struct.pack(">i", port), length + name + struct.pack(">i", own))
        return frame

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._server.accept()
            except OSError:
                return
            connection = Connection(self, client, socket.create_connection(self._upstream))
            with self._lock:
                self._connections.append(connection)


class Connection:
    """One client's connection; its requests are answered in their order."""

    def __init__(self, proxy: KafkaProxy, client: socket.socket, broker: socket.socket) -> None:
        self._proxy = proxy
        self._client = client
        self._broker = broker
        self._asked: dict[int, int] = {}
        for sock in (client, broker):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for pump in (self._requests, self._answers):
            threading.Thread(target=self._guard, args=(pump,), name="proxy connection", daemon=True).start()

    def _guard(self, pump: Callable[[], None]) -> None:
        """Ends both sides when one ends."""
        try:
            pump()
        except OSError:
            pass
        finally:
            self.cut()

    def cut(self) -> None:
        for sock in (self._client, self._broker):
            try:
                sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def _requests(self) -> None:
        while frame := read_frame(self._client):
            api, _version, correlation = struct.unpack_from(">hhi", frame)
            self._asked[correlation] = api
            if self._proxy.reached(Point(api, Moment.BEFORE)):
                return
            self._broker.sendall(struct.pack(">i", len(frame)) + frame)

    def _answers(self) -> None:
        while frame := read_frame(self._broker):
            api = self._asked.pop(struct.unpack_from(">i", frame)[0], None)
            if self._proxy.reached(Point(api, Moment.UNANSWERED)):
                return
            if api in NAMES_THE_BROKER:
                frame = self._proxy.in_its_name(frame)
            self._client.sendall(struct.pack(">i", len(frame)) + frame)
            self._proxy.reached(Point(api, Moment.AFTER))


def read_frame(sock: socket.socket) -> bytes:
    """The next frame without its length; nothing at the end of the stream."""
    head = read_exactly(sock, 4)
    return read_exactly(sock, struct.unpack(">i", head)[0]) if head else b""


def read_exactly(sock: socket.socket, size: int) -> bytes:
    parts = bytearray()
    while len(parts) < size:
        part = sock.recv(size - len(parts))
        if not part:
            return b""
        parts += part
    return bytes(parts)
