"""Talking to a guest agent (QEMU's qga): JSON lines over a serial port that remembers what others left in it."""

from __future__ import annotations

import asyncio
import json
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

_DELIMITER: Final = b"\xff"
"""No JSON text holds this byte: it ends what a client that went away half sent, and what it never read."""


class AgentError(Exception):
    """The agent refused the command, in its own words; or it went away."""


class AgentConversation:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def synchronise(self, number: int) -> None:
        """Skip the answers to others: what comes after the answer to this is ours."""
        await self._send({"execute": "guest-sync-delimited", "arguments": {"id": number}}, before=_DELIMITER)
        answer: Any = None
        while answer != {"return": number}:
            await self._reader.readuntil(_DELIMITER)
            answer = json.loads(await self._reader.readline() or b"{}")

    async def execute(self, command: str, **arguments: Any) -> Any:
        """What the agent returns. Raises AgentError."""
        await self._send({"execute": command, "arguments": arguments})
        line = await self._reader.readline()
        if not line:
            raise AgentError("the agent's port was closed")
        answer = json.loads(line)
        if "error" in answer:
            raise AgentError(f"{command}: {answer['error']['desc']}")
        return answer["return"]

    async def _send(self, command: dict[str, Any], *, before: bytes = b"") -> None:
        self._writer.write(before + json.dumps(command).encode() + b"\n")
        await self._writer.drain()


@asynccontextmanager
async def conversation(socket: Path, seconds: float) -> AsyncIterator[AgentConversation]:
    """One at a time per guest. Raises AgentError, and TimeoutError when it is not over after so many seconds.

    A command that was sent is carried out even when its answer comes too late.
    """
    async with asyncio.timeout(seconds):
        writer: asyncio.StreamWriter | None = None
        try:
            reader, writer = await asyncio.open_unix_connection(socket)
            talk = AgentConversation(reader, writer)
            await talk.synchronise(secrets.randbelow(2**31))
            yield talk
        except (OSError, asyncio.IncompleteReadError, json.JSONDecodeError) as error:
            raise AgentError(f"the agent's port cannot be used: {error}") from error
        finally:
            if writer is not None:
                writer.close()
