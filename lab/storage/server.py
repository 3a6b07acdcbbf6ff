from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path

import grpc.aio

from lab.storage.controller import Controller
from lab.storage.identity import Identity
from lab.storage.store import DirectoryStore


@asynccontextmanager
async def serving(endpoint: str, directory: Path, clock: Callable[[], datetime]) -> AsyncIterator[grpc.aio.Server]:
    """The driver, listening on `endpoint` (`unix:PATH`). Plain text: the socket's directory decides who may connect."""
    store = DirectoryStore(directory, clock)
    store.open()
    server = grpc.aio.server()
    server.add_generic_rpc_handlers((Identity().handlers(), Controller(store, clock).handlers()))
    server.add_insecure_port(endpoint)
    await server.start()
    try:
        yield server
    finally:
        await server.stop(grace=None)
