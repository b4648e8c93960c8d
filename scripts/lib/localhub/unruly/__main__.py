"""The process: `python -m localhub.unruly LEDGER [CERTIFICATE]` says its ports in one line of JSON and runs until SIGTERM."""

from __future__ import annotations

import asyncio
import json
import signal
import ssl
import sys
from pathlib import Path

from .http import Conversation
from .ledger import Ledger
from .smtp import Session

FLUSH_EVERY = 0.2


def latency(number: int) -> float:
    """Seconds that a good answer takes: mostly a few milliseconds, now and then much longer."""
    mixed = number * 2654435761 >> 9
    return 0.25 if mixed % 32 == 0 else mixed % 30 / 1000


async def main(path: Path, certificate: Path | None) -> None:
    ledger = Ledger(path)
    loop = asyncio.get_running_loop()
    stopping = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, stopping.set)

    async def mail(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await Session(reader, writer, ledger, latency).run()

    servers = {
        "http": await loop.create_server(lambda: Conversation(ledger, latency), "127.0.0.1", 0, backlog=512),
        "smtp": await asyncio.start_server(mail, "127.0.0.1", 0, backlog=512),
    }
    if certificate is not None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        servers["https"] = await loop.create_server(
            lambda: Conversation(ledger, latency), "127.0.0.1", 0, ssl=context, backlog=512
        )
    print(json.dumps({name: server.sockets[0].getsockname()[1] for name, server in servers.items()}), flush=True)
    while not stopping.is_set():
        try:
            await asyncio.wait_for(stopping.wait(), FLUSH_EVERY)
        except asyncio.TimeoutError:
            ledger.flush()
    ledger.close()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else None))
