"""Reading and writing objects. Nothing is tried again here: only the caller knows whether that is safe."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import msgspec

from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.kube.addresses import object_path
from webhook.kube.listing import Listing, Selection, list_selection
from webhook.kube.transport import Transport
from webhook.kube.undecodable import Undecodable
from webhook.kube.watching import WatchEvent, watch_selection

T = TypeVar("T", bound=Object)

# The kubernetes package turns a patch whose content type it does not expect into a strategic merge, which custom
# resources refuse with 415 (rest.py); here each kind of patch names its own.
_MERGE_PATCH = "application/merge-patch+json"
_APPLY = "application/apply-patch+yaml"
_DRY_RUN = {"dryRun": "All"}


class Client:
    """Every method raises ApiError or one of its kinds, or UnreachableError; typed ones UndecodableError too."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def close(self) -> None:
        await self._transport.close()

    async def get(self, kind: Kind[T], namespace: str, name: str) -> T:
        return decode(kind, await self._transport.call("GET", object_path(kind, namespace, name)))

    async def get_raw(self, kind: Kind[Any], namespace: str, name: str) -> dict[str, Any]:
        """The whole object, for transforms that must not lose what our structs do not describe."""
        body = await self._transport.call("GET", object_path(kind, namespace, name))
        raw: dict[str, Any] = msgspec.json.decode(body)
        return raw

    async def list(
        self, kind: Kind[T], namespace: str = "", *, field_selector: str = "", label_selector: str = ""
    ) -> list[T]:
        """The present state, not the API server's memory of it. One object that does not decode fails the call."""
        selection = Selection(kind, namespace, field_selector, label_selector)
        listing = await self.listing(selection)
        return [_decoded(kind, item) for _, item in listing.items]

    async def create(self, kind: Kind[T], body: Mapping[str, Any], *, namespace: str = "", dry_run: bool = False) -> T:
        """`dry_run`: everything but the write itself."""
        namespace = namespace or body.get("metadata", {}).get("namespace", "")
        params = _DRY_RUN if dry_run else None
        answer = await self._transport.call("POST", kind.path(namespace), body=_document(kind, body), params=params)
        return decode(kind, answer)

    async def merge_patch(
        self,
        kind: Kind[T],
        namespace: str,
        name: str,
        patch: Mapping[str, Any],
        *,
        subresource: str = "",
        dry_run: bool = False,
    ) -> T:
        path = object_path(kind, namespace, name, subresource)
        params = _DRY_RUN if dry_run else None
        return decode(kind, await self._patch(path, msgspec.json.encode(patch), _MERGE_PATCH, params))

    async def apply(
        self,
        kind: Kind[T],
        namespace: str,
        name: str,
        body: Mapping[str, Any],
        *,
        field_manager: str,
        force: bool = True,
        subresource: str = "",
    ) -> T:
        """Server-side apply: `body` is all that this field manager wants to own."""
        path = object_path(kind, namespace, name, subresource)
        named = {**body, "metadata": {**body.get("metadata", {}), "name": name}}
        params = {"fieldManager": field_manager, "force": "true" if force else "false"}
        return decode(kind, await self._patch(path, _document(kind, named), _APPLY, params))

    async def delete(
        self,
        kind: Kind[Any],
        namespace: str,
        name: str,
        *,
        uid: str = "",
        resource_version: str = "",
    ) -> None:
        """Only the object with this uid and state, where given; ConflictError when it is another one by now."""
        wanted = {"uid": uid, "resourceVersion": resource_version}
        preconditions = {member: value for member, value in wanted.items() if value}
        options: dict[str, Any] = {"apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": "Background"}
        if preconditions:
            options["preconditions"] = preconditions
        path = object_path(kind, namespace, name)
        await self._transport.call("DELETE", path, body=msgspec.json.encode(options))

    async def request(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
    ) -> bytes:
        """Anything else, such as a subresource with a body of its own."""
        return await self._transport.call(method, path, body=body, content_type=content_type, params=params)

    async def listing(self, selection: Selection[T], *, from_cache: bool = False) -> Listing[T]:
        """Everything selected, with markers for what does not decode, and where a watch goes on."""
        return await list_selection(self._transport, selection, from_cache=from_cache)

    def watch(
        self, selection: Selection[T], resource_version: str, *, server_timeout_seconds: int, silence_seconds: float
    ) -> AbstractAsyncContextManager[AsyncIterator[WatchEvent[T]]]:
        """See `watch_selection`."""
        return watch_selection(
            self._transport,
            selection,
            resource_version,
            server_timeout_seconds=server_timeout_seconds,
            silence_seconds=silence_seconds,
        )

    async def _patch(self, path: str, body: bytes, content_type: str, params: Mapping[str, str] | None = None) -> bytes:
        return await self._transport.call("PATCH", path, body=body, content_type=content_type, params=params)


def _document(kind: Kind[Any], body: Mapping[str, Any]) -> bytes:
    return msgspec.json.encode({"apiVersion": kind.api_version, "kind": kind.name, **body})


def _decoded(kind: Kind[T], item: T | Undecodable) -> T:
    if isinstance(item, Undecodable):
        raise UndecodableError(f"{kind.name} {item.namespace}/{item.name}: {item.reason}")
    return item
