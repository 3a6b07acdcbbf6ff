"""List and watch of one kind, for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

import structlog

from webhook.api.decoding import UndecodableError
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.kube.backoff import Backoff
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, ExpiredError, NotFoundError, UnreachableError
from webhook.kube.listing import Selection
from webhook.kube.restarts import must_list_again, reason_for
from webhook.kube.undecodable import Key, Undecodable
from webhook.kube.watching import EventType, WatchEvent

T = TypeVar("T", bound=Object)
S_contra = TypeVar("S_contra", bound=Object, contravariant=True)

log = structlog.get_logger()


class Sink(Protocol[S_contra]):
    """Takes what a reflector sees, in order."""

    def replace(self, objects: Sequence[tuple[Key, S_contra | Undecodable]]) -> None:
        """All there is; what was there before and is not among these is gone."""
        ...

    def upsert(self, key: Key, read: S_contra | Undecodable) -> None: ...

    def remove(self, key: Key) -> None: ...


@dataclass(frozen=True, slots=True)
class WatchSettings:
    first_delay_seconds: float = 0.8
    longest_delay_seconds: float = 30.0
    server_timeout_seconds: tuple[int, int] = (300, 600)
    """Between these at random, so that all watches of a cluster are not renewed at once."""
    silence_seconds: float = 150.0
    """The API server sends a bookmark each minute; two missed ones and some."""
    steady_seconds: float = 2.0
    """A stream that lived as long may be renewed at once; a server that ends them sooner would make us spin."""
    unserved_seconds: float = 30.0
    """Between two looks for an optional kind that is not served, and as much again at random at most."""

    def backoff(self, random: Callable[[], float]) -> Backoff:
        return Backoff(
            first_seconds=self.first_delay_seconds, longest_seconds=self.longest_delay_seconds, random=random
        )

    def server_timeout(self, random: Callable[[], float]) -> int:
        """For one stream, in seconds."""
        shortest, longest = self.server_timeout_seconds
        return shortest + int(random() * (longest - shortest))


STANDARD_SETTINGS: Final = WatchSettings()


class WatchObserver(Protocol):
    """Hears how a watch does."""

    def reached(self, resource_version: str) -> None:
        """The sink has everything up to here; also without a change of its own, by a bookmark."""
        ...

    def restarted(self, reason: str) -> None:
        """One stream ended; `reason` is one of `reason_for`."""
        ...


class Reflector(Generic[T]):
    """Delivers one kind into a sink. `clock` is monotonic, `random` gives numbers in [0, 1).

    An optional kind may come and go: while the API server does not serve it, it counts as synced, empty and not
    `served`. `in_pages` is for kinds whose whole list is too much for one answer, which is what the API server's memory
    gives.
    """

    def __init__(  # noqa: PLR0913 - independent collaborators, named at every call
        self,
        client: Client,
        kind: Kind[T],
        sink: Sink[T],
        *,
        field_selector: str = "",
        project: Callable[[T], T] | None = None,
        optional: bool = False,
        in_pages: bool = False,
        clock: Callable[[], float],
        random: Callable[[], float],
        settings: WatchSettings = STANDARD_SETTINGS,
        observer: WatchObserver | None = None,
    ) -> None:
        self.kind = kind
        self.synced = asyncio.Event()
        self.served = not optional
        self.failing_since: float | None = None
        self.last_error = ""
        self._client = client
        self._optional = optional
        self._in_pages = in_pages
        self._selection = Selection(kind, field_selector=field_selector, project=project)
        self._sink = sink
        self._clock = clock
        self._random = random
        self._settings = settings
        self._observer = observer
        self._position = ""
        self._expired = False
        self._alive_at = clock()
        self._opened_at: float | None = None

    def last_event_age(self) -> float:
        """Seconds since the API server last told us anything of this kind; since the start when it never did."""
        return self._clock() - self._alive_at

    async def run(self) -> None:
        """Until cancelled. What the API server or the network does never ends it."""
        settings = self._settings
        backoff = settings.backoff(self._random)
        while True:
            error: Exception | None = None
            try:
                await self._follow()
            except (ApiError, UnreachableError, UndecodableError) as failure:
                error = failure
            if self._optional and isinstance(error, NotFoundError):
                self._note_unserved()
                backoff.reset()
                await asyncio.sleep(settings.unserved_seconds * (1 + self._random()))
                continue
            steady = self._steady()
            if steady or self._newly_expired(error):
                backoff.reset()
            self._note(error)
            if error is not None or not steady:
                await asyncio.sleep(backoff.next(getattr(error, "retry_after", None) or 0.0))

    async def _follow(self) -> None:
        """List when we have no position, then watch until the stream ends."""
        self._opened_at = None
        if not self._position:
            await self._list()
        async with self._client.watch(
            self._selection,
            self._position,
            server_timeout_seconds=self._settings.server_timeout(self._random),
            silence_seconds=self._settings.silence_seconds,
        ) as events:
            self._opened_at = self._clock()
            self._heard()
            self.failing_since, self.last_error = None, ""
            async for event in events:
                self._deliver(event)

    async def _list(self) -> None:
        """The first time from the API server's memory; later that could show what was there before what we know."""
        from_cache = not self.synced.is_set() and not self._in_pages
        listing = await self._client.listing(self._selection, from_cache=from_cache)
        self._sink.replace(listing.items)
        if not self.served:
            log.info("kind is served", kind=self._selection.kind.resource)
        self.served = True
        self._heard()
        self._advance(listing.resource_version)
        self.synced.set()

    def _deliver(self, event: WatchEvent[T]) -> None:
        self._heard()
        if event.type == EventType.DELETED:
            self._sink.remove(event.key)
        elif event.object is not None:
            self._sink.upsert(event.key, event.object)
        self._advance(event.resource_version)

    def _advance(self, resource_version: str) -> None:
        self._position = resource_version
        if self._observer is not None:
            self._observer.reached(resource_version)

    def _heard(self) -> None:
        self._alive_at = self._clock()

    def _steady(self) -> bool:
        return self._opened_at is not None and self._clock() - self._opened_at >= self._settings.steady_seconds

    def _newly_expired(self, error: Exception | None) -> bool:
        """The server is back and well, only our position is too old; twice in a row is another matter."""
        return isinstance(error, ExpiredError) and not self._expired

    def _note(self, error: Exception | None) -> None:
        self._expired = isinstance(error, ExpiredError)
        if must_list_again(error):
            self._position = ""
        reason = reason_for(error)
        if self._observer is not None:
            self._observer.restarted(reason)
        if error is None:
            log.debug("watch renewed", kind=self.kind.name)
            return
        if self.failing_since is None:
            self.failing_since = self._clock()
        problem = self._in_words(error)
        if problem != self.last_error:
            log.warning("watch interrupted", kind=self.kind.name, reason=reason, error=problem)
        self.last_error = problem

    def _note_unserved(self) -> None:
        self._heard()
        if self.served or not self.synced.is_set():
            log.info("kind is not served", kind=self.kind.resource)
        self._position, self.failing_since, self.last_error = "", None, ""
        self.served = False
        self._sink.replace(())
        self.synced.set()

    def _in_words(self, error: Exception) -> str:
        if isinstance(error, NotFoundError):
            return "the API server does not serve this kind; install its CustomResourceDefinition"
        return str(error)
