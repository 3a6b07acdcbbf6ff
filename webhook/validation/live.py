"""Facts read on demand with the rights of whoever asks."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Final, TypeVar

import msgspec

from webhook.api.canonical import DOCUMENTED_RULES
from webhook.api.decoding import UndecodableError
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.virtualization import GROUP, VERSION
from webhook.evaluation.evaluate import Evaluation, evaluate_what_is_known
from webhook.facts.indexes import INDEXES
from webhook.facts.request import Request
from webhook.facts.source import Index, UnreadableError
from webhook.facts.user import User
from webhook.findings.policy import Policy
from webhook.gate.permissions import with_refusals
from webhook.inventory.projections import projection_of
from webhook.inventory.recording import ReadSet, RecordingSource
from webhook.inventory.store import Store
from webhook.kube.authorization import ReviewError
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, NotFoundError, NotServedError, UnauthorizedError
from webhook.kube.listing import Selection
from webhook.kube.own_rights import OwnRights
from webhook.validation.dialect import Dialect

T = TypeVar("T", bound=Object)

_ROUNDS: Final = 12
"""Each reads one step further: from an operation to its snapshot, to what that saved, to who holds it, to their disks,
claims and classes. No chain is half as long."""

_Get = tuple[Kind[Any], str, str]
_List = tuple[Kind[Any], str]


class NotReadError(UnreadableError):
    """The API server did not let us read this. The message is its own."""

    def __init__(self, kind: Kind[Any], namespace: str, name: str, reason: str) -> None:
        super().__init__(kind, namespace, name, reason)
        self.args = (reason,)


class LiveFacts:
    """A Source that finds nothing until it was told to read it; each thing is read once.

    `evaluate` may be given to a Judgement.
    """

    def __init__(self, client: Client, policy: Policy, user: User | None = None) -> None:
        """`user` is whoever the client's credentials are of; without one nobody's permissions are looked at."""
        self._client = client
        self._policy = policy
        self._user = user
        self._rights = OwnRights(client)
        self._objects: dict[_Get, Object | UnreadableError | None] = {}
        self._stores: dict[_List, Store[Any] | UnreadableError] = {}
        self._unserved: set[Kind[Any]] = set()

    async def evaluate(self, request: Request, _sent: bytes) -> Evaluation:
        """Raises UnauthorizedError and UnreachableError."""
        evaluation = await self._evaluated(request)
        if self._user is None:
            return evaluation
        try:
            asked = await with_refusals(msgspec.structs.replace(request, user=self._user), evaluation, self._rights)
        except ReviewError as error:
            return msgspec.structs.replace(evaluation, unknown=(*evaluation.unknown, f"your permissions: {error}"))
        return await self._evaluated(asked) if asked.refused else evaluation

    async def _evaluated(self, request: Request) -> Evaluation:
        for _ in range(_ROUNDS):
            recording = RecordingSource(self)
            evaluation = evaluate_what_is_known(request, recording, self._policy)
            if not await self._read(recording.reads):
                return evaluation
        return msgspec.structs.replace(evaluation, unknown=(f"what is read leads on after {_ROUNDS} reads",))

    def knows(self, kind: Kind[Any]) -> bool:
        return kind not in self._unserved

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        found: Any = self._objects.get((kind, namespace, name))
        if isinstance(found, UnreadableError):
            raise found
        read: T | None = found
        return read

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        store = self._stores.get((index.kind, index.namespace_of(value)))
        if isinstance(store, UnreadableError):
            raise store
        return () if store is None else store.find(index, value)

    async def _read(self, reads: ReadSet) -> bool:
        """Whether there was anything new to read. Raises UnauthorizedError and UnreachableError."""
        gets = [get for get in reads.gets if get not in self._objects]
        lists = {(index.kind, index.namespace_of(value)) for index, value in reads.finds} - self._stores.keys()
        reads_made = [*(self._get(*get) for get in gets), *(self._list(*listed) for listed in lists)]
        # All are waited for, so that none goes on unseen.
        results = await asyncio.gather(*reads_made, return_exceptions=True)
        failure = next((result for result in results if result is not None), None)
        if failure is not None:
            raise failure
        return bool(gets or lists)

    async def _get(self, kind: Kind[Any], namespace: str, name: str) -> None:
        read: Object | UnreadableError | None = None
        try:
            read = projection_of(kind)(await self._client.get(kind, namespace, name))
        except NotServedError:
            self._unserved.add(kind)
        except NotFoundError:
            pass
        except UndecodableError as error:
            read = UnreadableError(kind, namespace, name, str(error))
        except UnauthorizedError:
            raise
        except ApiError as error:
            read = NotReadError(kind, namespace, name, error.message)
        self._objects[kind, namespace, name] = read

    async def _list(self, kind: Kind[Any], namespace: str) -> None:
        store: Store[Any] = Store(kind, [index for index in INDEXES if index.kind == kind])
        try:
            store.replace((await self._client.listing(Selection(kind, namespace, project=projection_of(kind)))).items)
        except NotServedError:
            self._unserved.add(kind)
        except UnauthorizedError:
            raise
        except ApiError as error:
            self._stores[kind, namespace] = NotReadError(kind, namespace, "", error.message)
            return
        self._stores[kind, namespace] = store


async def own_user(client: Client) -> User | None:
    """None when the API server does not say. Raises UnauthorizedError and UnreachableError."""
    try:
        return await OwnRights(client).user()
    except ReviewError:
        return None


async def served_dialect(client: Client) -> Dialect | None:
    """By what the API server says of its schemas, which every user may read; None when it does not.

    Raises UnauthorizedError and UnreachableError.
    """
    try:
        schemas = await client.request("GET", f"/openapi/v3/apis/{GROUP}/{VERSION}")
    except UnauthorizedError:
        raise
    except ApiError:
        return None
    return Dialect.SNAPGATE if f'"{DOCUMENTED_RULES}"'.encode() in schemas else Dialect.PLATFORM
