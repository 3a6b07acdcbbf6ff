"""What the node writes about its pods."""

from __future__ import annotations

import asyncio
from typing import Final

import msgspec
import structlog

from lab.nodes.pod import POD, Pod
from lab.nodes.status import PodState, status_of
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, ConflictError, NotFoundError, UnreachableError

RETRY_SECONDS: Final = 0.5

log = structlog.get_logger()


class Reporter:
    """Of one pod: the newest state is written, however many changes there were meanwhile."""

    def __init__(self, client: Client, pod: Pod) -> None:
        self._client = client
        self._pod = pod
        self._state: PodState | None = None
        self._written: PodState | None = None
        self._changed = asyncio.Event()
        self._idle = asyncio.Event()
        self._gone = False

    def say(self, state: PodState) -> None:
        if self._gone:
            return
        self._state = state
        self._idle.clear()
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled, or until the pod is gone."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            try:
                await self._write()
            except (NotFoundError, ConflictError):  # gone, or another pod has its name by now
                self._gone = True
                self._idle.set()
                return
            except (ApiError, UnreachableError) as error:
                log.warning("status not written", pod=self._pod.metadata.name, error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
                self._changed.set()

    async def all_said(self) -> None:
        await self._idle.wait()

    async def remove(self) -> None:
        """The end of a pod that is being deleted: everything of it has ended."""
        metadata = self._pod.metadata
        options = {
            "apiVersion": "v1",
            "kind": "DeleteOptions",
            "gracePeriodSeconds": 0,
            "preconditions": {"uid": metadata.uid},
        }
        while True:
            try:
                path = POD.path(metadata.namespace, metadata.name)
                await self._client.request("DELETE", path, body=msgspec.json.encode(options))
            except (NotFoundError, ConflictError):  # gone, or another pod has its name by now
                return
            except (ApiError, UnreachableError) as error:
                log.warning("pod not removed", pod=metadata.name, error=str(error))
                await asyncio.sleep(RETRY_SECONDS)
            else:
                return

    async def _write(self) -> None:
        state = self._state
        if state is not None and state != self._written:
            metadata = self._pod.metadata
            body = {"metadata": {"uid": metadata.uid}, "status": status_of(state, metadata.generation)}
            await self._client.request(
                "PATCH",
                POD.path(metadata.namespace, metadata.name, "status"),
                body=msgspec.json.encode(body),
                content_type="application/strategic-merge-patch+json",
            )
            self._written = state
        if state is self._state:
            self._idle.set()
