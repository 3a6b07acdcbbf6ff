"""There is one node, so every pod goes there; whether it can run there is the node's to say."""

from __future__ import annotations

from typing import Final

import msgspec
import structlog

from lab.machines.queue import KeyQueue
from lab.machines.table import Table
from lab.nodes.pod import POD, Pod
from lab.nodes.settings import NODE
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, ConflictError, NotFoundError, UnreachableError
from webhook.kube.undecodable import Key

RETRY_SECONDS: Final = 1.0

log = structlog.get_logger()


class Scheduler:
    def __init__(self, client: Client) -> None:
        self.unbound: Table[Pod] = Table(self._changed)
        self._client = client
        self._queue: KeyQueue[Key] = KeyQueue()

    async def run(self) -> None:
        while True:
            key = await self._queue.take()
            pod = self.unbound.get(*key)
            if pod is not None and not pod.metadata.deleting:
                await self._bind(key, pod)
            self._queue.done(key)

    async def _bind(self, key: Key, pod: Pod) -> None:
        metadata = pod.metadata
        binding = {
            "apiVersion": "v1",
            "kind": "Binding",
            "metadata": {"name": metadata.name, "uid": metadata.uid},
            "target": {"apiVersion": "v1", "kind": "Node", "name": NODE},
        }
        path = POD.path(metadata.namespace, metadata.name, "binding")
        try:
            await self._client.request("POST", path, body=msgspec.json.encode(binding))
        except (ConflictError, NotFoundError):  # bound by now, or gone
            return
        except (ApiError, UnreachableError) as error:
            log.warning("pod not bound", pod=metadata.name, error=str(error))
            self._queue.add_after(key, RETRY_SECONDS)

    def _changed(self, pod: Pod) -> None:
        self._queue.add((pod.metadata.namespace, pod.metadata.name))
