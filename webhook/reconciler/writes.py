"""Everything the reconciler does to the cluster, each write seen by the cache before the next decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, Protocol, TypeVar

import msgspec

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct
from webhook.inventory.inventory import Inventory
from webhook.kube.client import Client
from webhook.kube.errors import NotFoundError
from webhook.reconciler.status.merge import merge_patch

T = TypeVar("T", bound=Object)

VISIBLE_WITHIN_SECONDS: Final = 10.0
"""A watch delivers in milliseconds; one that takes this long is broken, and the pass is better tried again later."""


class NotVisibleError(Exception):
    """Our own write did not come back through the watch in time."""


class Writes(Protocol):
    """Raises ApiError or UnreachableError where the API server does not do what was asked."""

    async def read_raw(self, kind: Kind[Any], namespace: str, name: str) -> dict[str, Any]: ...

    async def read(self, kind: Kind[T], namespace: str, name: str) -> T:
        """From the API server itself."""
        ...

    async def create(self, kind: Kind[Any], namespace: str, body: Mapping[str, Any]) -> None: ...

    async def set_status(self, kind: Kind[T], seen: T, status: ApiStruct) -> bool:
        """Write what differs from the status seen. False when nothing does."""
        ...

    async def set_finalizers(self, kind: Kind[T], seen: T, finalizers: Sequence[str]) -> None: ...

    async def patch(self, kind: Kind[T], seen: T, patch: Mapping[str, Any]) -> None:
        """A merge patch, of exactly the state seen."""
        ...

    async def patch_status(self, kind: Kind[T], seen: T, patch: Mapping[str, Any]) -> None:
        """A merge patch of the status, of exactly the state seen."""
        ...

    async def patch_unwatched(self, kind: Kind[T], read: T, patch: Mapping[str, Any]) -> None:
        """A merge patch of an object that no cache holds: what was read must not have changed since."""
        ...

    async def delete(self, kind: Kind[T], seen: T, *, unchanged: bool = False) -> None:
        """Delete exactly the object seen, not one that took its name since; `unchanged`: only in the very state seen.

        What is gone already is fine.
        """
        ...

    async def rehearse_create(self, kind: Kind[Any], namespace: str, body: Mapping[str, Any]) -> None:
        """Raises as create would; nothing is written (dryRun: webhooks, quota and schema answer all the same)."""
        ...

    async def rehearse_patch(self, kind: Kind[T], seen: T, patch: Mapping[str, Any]) -> None:
        """Raises as patch would; nothing is written."""
        ...


class ApiWrites:
    """Patches carry the resourceVersion they were decided on, so that a stale leader changes nothing."""

    def __init__(self, client: Client, inventory: Inventory) -> None:
        self._client = client
        self._inventory = inventory

    async def read_raw(self, kind: Kind[Any], namespace: str, name: str) -> dict[str, Any]:
        return await self._client.get_raw(kind, namespace, name)

    async def read(self, kind: Kind[T], namespace: str, name: str) -> T:
        return await self._client.get(kind, namespace, name)

    async def create(self, kind: Kind[Any], namespace: str, body: Mapping[str, Any]) -> None:
        await self._seen(kind, await self._client.create(kind, body, namespace=namespace))

    async def set_status(self, kind: Kind[T], seen: T, status: ApiStruct) -> bool:
        patch = merge_patch(msgspec.to_builtins(getattr(seen, "status")), msgspec.to_builtins(status))  # noqa: B009 - mypy: Object has no status
        if patch:
            await self._patch(kind, seen, {"status": patch}, subresource="status")
        return bool(patch)

    async def set_finalizers(self, kind: Kind[T], seen: T, finalizers: Sequence[str]) -> None:
        if tuple(finalizers) != seen.metadata.finalizers:
            await self._patch(kind, seen, {"metadata": {"finalizers": list(finalizers)}})

    async def patch(self, kind: Kind[T], seen: T, patch: Mapping[str, Any]) -> None:
        await self._patch(kind, seen, dict(patch))

    async def patch_status(self, kind: Kind[T], seen: T, patch: Mapping[str, Any]) -> None:
        await self._patch(kind, seen, {"status": patch}, subresource="status")

    async def patch_unwatched(self, kind: Kind[T], read: T, patch: Mapping[str, Any]) -> None:
        metadata = read.metadata
        guarded = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": metadata.resource_version}}
        await self._client.merge_patch(kind, metadata.namespace, metadata.name, guarded)

    async def rehearse_create(self, kind: Kind[Any], namespace: str, body: Mapping[str, Any]) -> None:
        await self._client.create(kind, body, namespace=namespace, dry_run=True)

    async def rehearse_patch(self, kind: Kind[T], seen: T, patch: Mapping[str, Any]) -> None:
        metadata = seen.metadata
        await self._client.merge_patch(kind, metadata.namespace, metadata.name, patch, dry_run=True)

    async def delete(self, kind: Kind[T], seen: T, *, unchanged: bool = False) -> None:
        metadata = seen.metadata
        version = metadata.resource_version if unchanged else ""
        try:
            await self._client.delete(
                kind, metadata.namespace, metadata.name, uid=metadata.uid, resource_version=version
            )
        except NotFoundError:
            return
        if not await self._inventory.visible(
            kind, metadata.namespace, metadata.name, None, deadline_seconds=VISIBLE_WITHIN_SECONDS
        ):
            raise NotVisibleError(f"deletion of {kind.name} {metadata.namespace}/{metadata.name}")

    async def _patch(self, kind: Kind[T], seen: T, patch: dict[str, Any], *, subresource: str = "") -> None:
        metadata = seen.metadata
        guarded = {**patch, "metadata": {**patch.get("metadata", {}), "resourceVersion": metadata.resource_version}}
        try:
            written = await self._client.merge_patch(
                kind, metadata.namespace, metadata.name, guarded, subresource=subresource
            )
        except NotFoundError:
            if metadata.deleting:
                return
            raise
        await self._seen(kind, written)

    async def _seen(self, kind: Kind[T], written: T) -> None:
        metadata = written.metadata
        finalized = metadata.deleting and not metadata.finalizers
        if not await self._inventory.visible(
            kind,
            metadata.namespace,
            metadata.name,
            None if finalized else metadata.resource_version,
            deadline_seconds=VISIBLE_WITHIN_SECONDS,
        ):
            raise NotVisibleError(f"{kind.name} {metadata.namespace}/{metadata.name}")
