"""Writes of the machine side. What is written is known at once, not only when the watch shows it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from lab.machines.table import Table
from lab.machines.writing import status_patch
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct
from webhook.kube.client import Client
from webhook.kube.errors import AlreadyExistsError, NotFoundError

T = TypeVar("T", bound=Object)


class Writes:
    def __init__(self, client: Client, clock: Callable[[], datetime]) -> None:
        self._client = client
        self.clock = clock

    def now(self) -> str:
        return self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    async def read(self, kind: Kind[T], namespace: str, name: str) -> T:
        return await self._client.get(kind, namespace, name)

    async def status(self, kind: Kind[T], table: Table[T], subject: T, status: ApiStruct) -> None:
        """Nothing is written when the object says so already, or is gone by now."""
        if status == getattr(subject, "status", None):
            return
        metadata = subject.metadata
        try:
            written = await self._client.merge_patch(
                kind, metadata.namespace, metadata.name, status_patch(subject, status), subresource="status"
            )
        except NotFoundError:
            return  # deleted meanwhile; garbage collection takes what it owns
        table.written(written)

    async def create(self, kind: Kind[T], table: Table[T], body: Mapping[str, Any], namespace: str = "") -> T:
        """Raises AlreadyExistsError."""
        created = await self._client.create(kind, body, namespace=namespace)
        table.upsert((created.metadata.namespace, created.metadata.name), created)
        return created

    async def ensure(self, kind: Kind[T], table: Table[T], body: Mapping[str, Any], namespace: str) -> T:
        """For names that follow from a uid: what exists is ours, from a pass whose write we have not seen yet."""
        try:
            return await self.create(kind, table, body, namespace)
        except AlreadyExistsError:
            return await self._client.get(kind, namespace, body["metadata"]["name"])

    async def patch(self, kind: Kind[T], table: Table[T], subject: T, patch: Mapping[str, Any]) -> T:
        """Raises NotFoundError."""
        written = await self._client.merge_patch(kind, subject.metadata.namespace, subject.metadata.name, patch)
        table.written(written)
        return written

    async def delete(self, kind: Kind[Any], subject: Object) -> None:
        """Only this very object; none that took its name meanwhile."""
        metadata = subject.metadata
        try:
            await self._client.delete(
                kind, metadata.namespace, metadata.name, uid=metadata.uid, resource_version=metadata.resource_version
            )
        except NotFoundError:
            return
