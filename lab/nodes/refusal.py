"""Pods that this node cannot run."""

from __future__ import annotations

import asyncio
from typing import Final

import structlog

from lab.nodes.errors import UnsupportedError
from lab.nodes.status import PodState, Waiting
from lab.nodes.surroundings import Surroundings

UNSUPPORTED: Final = "LabDoesNotSupport"

log = structlog.get_logger()


async def refuse(error: UnsupportedError, around: Surroundings, state: PodState) -> None:
    """As loud as a node can be. Not phase Failed: a ReplicaSet would answer with another pod, and another."""
    log.error("this node cannot run a pod", pod=around.directory.name, why=str(error))
    around.reporter.say(state.becoming(around.now(), state=Waiting(UNSUPPORTED, str(error)), ready=False))
    await around.event("Warning", UNSUPPORTED, str(error))


class RefusedPod:
    """Says so, and waits for somebody to delete it."""

    def __init__(self, error: UnsupportedError, around: Surroundings, state: PodState) -> None:
        self._error = error
        self._around = around
        self._state = state
        self._ending = asyncio.Event()

    def end(self, grace_seconds: float) -> None:  # noqa: ARG002 - there is nothing to wait for
        self._ending.set()

    def vanished(self) -> None:
        self._ending.set()

    def volumes_changed(self, *, config_map: str = "", secret: str = "") -> None:
        """It has none."""

    async def run(self) -> None:
        reporting = asyncio.create_task(self._around.reporter.run())
        await refuse(self._error, self._around, self._state)
        await self._ending.wait()
        reporting.cancel()
        await self._around.reporter.remove()
