"""The same look-ups again, asked of the API server itself."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum, auto
from typing import Any, Final, TypeVar

from webhook.api.decoding import UndecodableError
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.facts.source import Index, Source, UnreadableError
from webhook.inventory.projections import projection_of
from webhook.inventory.recording import ReadSet
from webhook.inventory.store import Store
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, NotFoundError, NotServedError, UnreachableError
from webhook.kube.listing import Selection
from webhook.kube.undecodable import Undecodable

T = TypeVar("T", bound=Object)
R = TypeVar("R")

LIVE_DEADLINE_SECONDS: Final = 3.0
"""Of a webhook's ten seconds; beyond it the denial stands on what the inventory knows."""


class LiveReadError(Exception):
    """What could not be read, and why."""


class NotServed(Enum):
    """In the place of what was asked for when the API server does not have its kind."""

    KIND = auto()


@dataclass(frozen=True, slots=True)
class LiveSource:
    """Answers what was read, and raises LiveReadError for anything else."""

    objects: Mapping[tuple[Kind[Any], str, str], Object | Undecodable | NotServed | None]
    stores: Mapping[tuple[Kind[Any], str], Store[Any] | NotServed]
    """By kind and namespace that was listed."""

    def knows(self, kind: Kind[Any]) -> bool:
        return not any(
            asked[0] == kind and read is NotServed.KIND for asked, read in (*self.objects.items(), *self.stores.items())
        )

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        """Raises UnreadableError."""
        key = (kind, namespace, name)
        if key not in self.objects:
            raise LiveReadError(f"{kind.name} {namespace}/{name} was not among the live reads")
        found: Any = self.objects[key]
        if isinstance(found, Undecodable):
            raise UnreadableError(kind, namespace, name, found.reason)
        read: T | None = None if found is NotServed.KIND else found
        return read

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        store = self.stores.get((index.kind, index.namespace_of(value)))
        if store is None:
            raise LiveReadError(f"{index.name} was not among the live reads")
        return () if store is NotServed.KIND else store.find(index, value)


async def read_live(
    client: Client,
    reads: ReadSet,
    *,
    deadline_seconds: float = LIVE_DEADLINE_SECONDS,
) -> Source:
    """Read what was looked at, all at once. Raises LiveReadError.

    Look-ups by index list their kind, in the namespace that the value names where it names one, and once however many
    values were asked for.
    """
    gets = sorted(reads.gets, key=lambda get: (get[0].resource, get[1], get[2]))
    indexes = sorted({index for index, _ in reads.finds}, key=lambda index: index.name)
    lists = sorted(
        {(index.kind, index.namespace_of(value)) for index, value in reads.finds},
        key=lambda listed: (listed[0].resource, listed[1]),
    )
    try:
        async with asyncio.timeout(deadline_seconds):
            objects, listed = await asyncio.gather(
                _all([_get(client, *get) for get in gets]),
                _all([_list(client, *each, [index for index in indexes if index.kind == each[0]]) for each in lists]),
            )
    except TimeoutError as error:
        raise LiveReadError(f"the API server did not answer within {deadline_seconds:g} s") from error
    return LiveSource(dict(zip(gets, objects, strict=True)), dict(zip(lists, listed, strict=True)))


async def _all(reads: Sequence[Coroutine[Any, Any, R]]) -> list[R]:
    """Waits for all, so that none goes on unseen; raises LiveReadError with everything that failed."""
    results = await asyncio.gather(*reads, return_exceptions=True)
    failures = [result for result in results if isinstance(result, BaseException)]
    unexpected = next((failure for failure in failures if not isinstance(failure, LiveReadError)), None)
    if unexpected is not None:
        raise unexpected
    if failures:
        raise LiveReadError("; ".join(str(failure) for failure in failures))
    return [result for result in results if not isinstance(result, BaseException)]


async def _get(client: Client, kind: Kind[T], namespace: str, name: str) -> T | Undecodable | NotServed | None:
    try:
        return projection_of(kind)(await client.get(kind, namespace, name))
    except NotServedError:
        return NotServed.KIND
    except NotFoundError:
        return None
    except UndecodableError as error:
        return Undecodable(namespace, name, "", str(error))
    except (ApiError, UnreachableError) as error:
        raise LiveReadError(f"{kind.name} {namespace}/{name}: {error}") from error


async def _list(client: Client, kind: Kind[T], namespace: str, indexes: Sequence[Index[T]]) -> Store[T] | NotServed:
    store = Store(kind, indexes)
    try:
        listing = await client.listing(Selection(kind, namespace, project=projection_of(kind)))
    except NotServedError:
        return NotServed.KIND
    except (ApiError, UnreachableError) as error:
        raise LiveReadError(f"{kind.resource}: {error}") from error
    store.replace(listing.items)
    return store
