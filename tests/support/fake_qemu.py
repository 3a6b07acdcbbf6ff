"""The control socket of a QEMU without a QEMU: it greets, answers or refuses, and tells what it is told to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

_GREETING = {"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}, "package": ""}, "capabilities": []}}


class FakeQemu:
    def __init__(self, socket: Path) -> None:
        self.socket = socket
        self.heard: list[tuple[str, dict[str, Any]]] = []
        self.refuses: set[str] = set()
        self._writer: asyncio.StreamWriter | None = None

    @classmethod
    @asynccontextmanager
    async def listening(cls, socket: Path) -> AsyncIterator[FakeQemu]:
        fake = cls(socket)
        server = await asyncio.start_unix_server(fake._serve, socket)
        try:
            yield fake
        finally:
            server.close()

    async def tell(self, event: str, **data: Any) -> None:
        await self._send({"event": event, "data": data, "timestamp": {"seconds": 0, "microseconds": 0}})

    async def end(self) -> None:
        assert self._writer is not None, "nobody is connected"
        self._writer.close()
        await self._writer.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writer = writer
        await self._send(_GREETING)
        text = ""
        while received := await reader.read(65536):
            text += received.decode()
            while text:
                try:  # clients end a command in no particular way
                    command, end = json.JSONDecoder().raw_decode(text)
                except json.JSONDecodeError:
                    break  # the rest of it is on its way
                text = text[end:].lstrip()
                await self._answer(command)

    async def _answer(self, command: dict[str, Any]) -> None:
        name = command["execute"]
        self.heard.append((name, command.get("arguments", {})))
        answer: dict[str, Any] = {"return": {}}
        if name in self.refuses:
            answer = {"error": {"class": "GenericError", "desc": f"{name} is refused"}}
        await self._send(answer | ({"id": command["id"]} if "id" in command else {}))

    async def _send(self, message: Any) -> None:
        assert self._writer is not None, "nobody is connected"
        self._writer.write(json.dumps(message).encode() + b"\n")
        await self._writer.drain()
