"""Connections from the machine to the API server inside."""

import asyncio
import socket

_CHUNK_BYTES = 64 * 1024


async def forward(listener: socket.socket, host: str, port: int) -> asyncio.Server:
    """Serve a listener that was opened outside.

    What it accepts belongs to the network namespace it was opened in; what we open here belongs to ours.
    """

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            target_reader, target_writer = await asyncio.open_connection(host, port)
        except OSError:  # nobody listens while the API server restarts; the client sees its connection closed
            writer.close()
            return
        try:
            async with asyncio.TaskGroup() as directions:
                directions.create_task(_copy(reader, target_writer))
                directions.create_task(_copy(target_reader, writer))
        except* ConnectionError:  # either end may vanish at any time; both are closed below
            pass
        finally:
            writer.close()
            target_writer.close()

    return await asyncio.start_server(connected, sock=listener)


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """One direction. Only its own end is passed on: the other may still have much to say."""
    while chunk := await reader.read(_CHUNK_BYTES):
        writer.write(chunk)
        await writer.drain()
    if writer.can_write_eof():
        writer.write_eof()
