"""A whole collection, page by page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct
from webhook.kube.errors import ExpiredError, UnreachableError
from webhook.kube.transport import Transport
from webhook.kube.undecodable import Key, Undecodable, read_object

T = TypeVar("T", bound=Object)

PAGE_SIZE: Final = 500
"""As client-go's pager."""
PAGE_TIMEOUT_SECONDS: Final = 60.0
"""The API server's own limit for a request that is no watch (--request-timeout)."""


@dataclass(frozen=True, slots=True)
class Listing(Generic[T]):
    """What was there at one resourceVersion, from which a watch goes on."""

    items: tuple[tuple[Key, T | Undecodable], ...]
    resource_version: str


@dataclass(frozen=True, slots=True)
class Selection(Generic[T]):
    """Which objects; the empty selectors and the empty namespace mean all.

    `project` is applied to each object as it is read: what it leaves out is never held for a whole list.
    """

    kind: Kind[T]
    namespace: str = ""
    field_selector: str = ""
    label_selector: str = ""
    project: Callable[[T], T] | None = None

    @property
    def path(self) -> str:
        return self.kind.path(self.namespace)

    @property
    def params(self) -> dict[str, str]:
        selectors = {"fieldSelector": self.field_selector, "labelSelector": self.label_selector}
        return {name: value for name, value in selectors.items() if value}


class _PageMeta(ApiStruct, frozen=True):
    resource_version: str
    continue_: str = msgspec.field(name="continue", default="")


class _Page(ApiStruct, frozen=True):
    metadata: _PageMeta
    items: tuple[msgspec.Raw, ...] | None = ()


async def list_selection(transport: Transport, selection: Selection[T], *, from_cache: bool) -> Listing[T]:
    """`from_cache` takes any state the API server has in memory, which may be an earlier one than we have seen.

    Raises ApiError or UnreachableError; ExpiredError only when the collection outran us twice.
    """
    try:
        return await _all_pages(transport, selection, {"resourceVersion": "0"} if from_cache else {})
    except ExpiredError:
        return await _all_pages(transport, selection, {})


async def _all_pages(transport: Transport, selection: Selection[T], start: dict[str, str]) -> Listing[T]:
    items: list[tuple[Key, T | Undecodable]] = []
    resource_version = ""
    async for page in _pages(transport, selection, start):
        resource_version = page.metadata.resource_version
        raw = page.items or ()
        for offset in range(0, len(raw), PAGE_SIZE):
            items += [read_object(selection.kind, each, selection.project) for each in raw[offset : offset + PAGE_SIZE]]
            # An answer from memory ignores the limit; admission reviews are to be answered in between.
            await asyncio.sleep(0)
    return Listing(tuple(items), resource_version)


async def _pages(transport: Transport, selection: Selection[T], start: dict[str, str]) -> AsyncIterator[_Page]:
    position = start
    while True:
        params = {**selection.params, "limit": str(PAGE_SIZE), **position}
        body = await transport.call("GET", selection.path, params=params, timeout_seconds=PAGE_TIMEOUT_SECONDS)
        page = _page(selection.kind, body)
        yield page
        if not page.metadata.continue_:
            return
        position = {"continue": page.metadata.continue_}


def _page(kind: Kind[Any], body: bytes) -> _Page:
    try:
        return msgspec.json.decode(body, type=_Page)
    except msgspec.DecodeError as error:
        raise UnreachableError(f"the answer to a list of {kind.resource} is no list: {error}") from error
