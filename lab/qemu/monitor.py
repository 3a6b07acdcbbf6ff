"""QEMU's own control socket."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from qemu.qmp import (
    ConnectError,
    EventListener,
    ExecInterruptedError,
    ExecuteError,
    Message,
    QMPClient,
    Runstate,
    StateError,
)

Heard = Callable[[str, Mapping[str, Any]], None]

logging.getLogger("qemu.qmp").setLevel(logging.CRITICAL)  # it reports as errors what we expect: sockets that refuse us


class MonitorError(Exception):
    """QEMU refused a command, in its own words; or it has ended."""


class Monitor:
    def __init__(self) -> None:
        self._client = QMPClient()

    async def connect(self, socket: Path) -> None:
        """Raises MonitorError while nobody answers there."""
        try:
            await self._client.connect(str(socket))
        except ConnectError as error:
            raise MonitorError(str(error)) from error

    async def execute(self, command: str, **arguments: Any) -> Any:
        """Raises MonitorError."""
        names = {name.replace("_", "-"): value for name, value in arguments.items()}
        try:
            return await self._client.execute(command, names)
        except (ExecuteError, ExecInterruptedError, StateError) as error:
            raise MonitorError(f"{command}: {error}") from error

    async def follow(self, heard: Heard) -> None:
        """Call `heard` with the name and the data of each event since `connect`; returns when QEMU has ended."""
        listening = asyncio.create_task(_pass_on(self._client.events, heard))
        try:
            while self._client.runstate is Runstate.RUNNING:
                await self._client.runstate_changed()
        finally:
            listening.cancel()
        for event in self._client.events.clear():
            _tell(heard, event)
        with suppress(EOFError, OSError):  # why it ended is the process's to say
            await self._client.disconnect()


async def _pass_on(events: EventListener, heard: Heard) -> None:
    async for event in events:
        _tell(heard, event)


def _tell(heard: Heard, event: Message) -> None:
    data = event.get("data", {})
    heard(str(event["event"]), data if isinstance(data, dict) else {})
