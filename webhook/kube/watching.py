"""One watch request: from the bytes of its answer to events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Generic, TypeVar

import msgspec

from webhook.api.meta import Object
from webhook.kube.errors import UnreachableError, error_in_stream
from webhook.kube.listing import Selection
from webhook.kube.transport import Transport
from webhook.kube.undecodable import Key, Undecodable, read_object, resource_version_of

T = TypeVar("T", bound=Object)

LONGEST_LINE_BYTES: Final = 64 * 1024 * 1024
"""Far above what etcd stores (1.5 MiB, raised by some to 8); a bound all the same, because lines are held whole."""


class EventType(StrEnum):
    ADDED = "ADDED"
    MODIFIED = "MODIFIED"
    DELETED = "DELETED"
    BOOKMARK = "BOOKMARK"
    ERROR = "ERROR"


@dataclass(frozen=True, slots=True)
class WatchEvent(Generic[T]):
    """`object` is None for a bookmark, which only says how far the watch has come."""

    type: str
    resource_version: str
    key: Key = ("", "")
    object: T | Undecodable | None = None


class _Line(msgspec.Struct):
    type: str
    object: msgspec.Raw


class _BookmarkMetadata(msgspec.Struct):
    resource_version: str = msgspec.field(name="resourceVersion")


class _Bookmark(msgspec.Struct):
    metadata: _BookmarkMetadata


_LINE_DECODER: Final = msgspec.json.Decoder(_Line)


@asynccontextmanager
async def watch_selection(
    transport: Transport,
    selection: Selection[T],
    resource_version: str,
    *,
    server_timeout_seconds: int,
    silence_seconds: float,
) -> AsyncIterator[AsyncIterator[WatchEvent[T]]]:
    """Events after this resourceVersion, until the server ends the stream.

    Entering waits for the answer's head. Raises ApiError (ExpiredError: list again), UnreachableError or SilentError.
    """
    params = {
        **selection.params,
        "watch": "true",
        "resourceVersion": resource_version,
        "allowWatchBookmarks": "true",
        "timeoutSeconds": str(server_timeout_seconds),
    }
    async with transport.stream(selection.path, params=params, silence_seconds=silence_seconds) as chunks:
        yield _events(selection, chunks)


async def _events(selection: Selection[T], chunks: AsyncIterator[bytes]) -> AsyncIterator[WatchEvent[T]]:
    async for line in split_lines(chunks):
        if line:
            yield _event(selection, line)


def _event(selection: Selection[T], line: bytes) -> WatchEvent[T]:
    try:
        decoded = _LINE_DECODER.decode(line)
        if decoded.type == EventType.BOOKMARK:
            bookmark = msgspec.json.decode(decoded.object, type=_Bookmark)
            return WatchEvent(decoded.type, bookmark.metadata.resource_version)
    except msgspec.DecodeError as error:
        raise UnreachableError(f"the watch of {selection.kind.resource} is no list of events: {error}") from error
    if decoded.type == EventType.ERROR:
        raise error_in_stream(decoded.object)
    key, read = read_object(selection.kind, decoded.object, selection.project)
    return WatchEvent(decoded.type, resource_version_of(read), key, read)


async def split_lines(chunks: AsyncIterator[bytes], *, longest: int = LONGEST_LINE_BYTES) -> AsyncIterator[bytes]:
    """Lines of any length: aiohttp's own reader gives up at its buffer size, and then at every retry again.

    What follows the last line feed is dropped: the connection broke within it.
    """
    pending: list[bytes] = []
    size = 0
    async for chunk in chunks:
        *ends, rest = chunk.split(b"\n")
        for end in ends:
            yield b"".join((*pending, end))
            pending, size = [], 0
        pending.append(rest)
        size += len(rest)
        if size > longest:
            raise UnreachableError(f"a line of the watch is longer than {longest} bytes")
