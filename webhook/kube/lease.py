"""The Lease that leadership is a claim on: what is read of it, and every write to it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, Final, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct
from webhook.kube.client import Client
from webhook.kube.election_settings import STANDARD_ELECTION, ElectionSettings
from webhook.kube.errors import ConflictError, NotFoundError, UnreachableError

R = TypeVar("R")


class LeaseSpec(ApiStruct, frozen=True):
    holder_identity: str = ""
    lease_duration_seconds: int = 0
    renew_time: str = ""
    lease_transitions: int = 0


class Lease(Object, frozen=True):
    """coordination.k8s.io/v1 Lease, as far as an elector reads it."""

    spec: LeaseSpec = LeaseSpec()


LEASE: Final = Kind("coordination.k8s.io", "v1", "Lease", "leases", Lease)


class TakenError(Exception):
    """The lease that we held is another's. The message names it."""


class LeaseLock:
    """One Lease, and one who may hold it. `now` is wall time, which is only for people to read.

    `identity` is of one process and never used again: whoever finds its own in the lease takes it at once.

    Every call is given up when it takes too long, but it may still reach the server: each write is for exactly the
    state it was decided on, so one that comes late finds another state and changes nothing. Methods raise ApiError,
    UnreachableError or UndecodableError.
    """

    def __init__(
        self,
        client: Client,
        *,
        namespace: str,
        name: str,
        identity: str,
        now: Callable[[], datetime],
        settings: ElectionSettings = STANDARD_ELECTION,
    ) -> None:
        self.namespace = namespace
        self.name = name
        self.identity = identity
        self.settings = settings
        self._client = client
        self._now = now

    async def read(self) -> Lease | None:
        """The present state, not a cached one."""
        try:
            return await self._in_time(self._client.get(LEASE, self.namespace, self.name))
        except NotFoundError:
            return None

    async def claim(self, seen: Lease | None) -> Lease:
        """Hold what was seen from now on.

        Raises ConflictError, or AlreadyExistsError where none was seen, when it has changed meanwhile.
        """
        spec = claimed_spec(seen, self.identity, self.settings.lease_seconds, self._now())
        if seen is not None:
            return await self._write(seen, spec)
        body = {"metadata": {"name": self.name}, "spec": spec}
        return await self._in_time(self._client.create(LEASE, body, namespace=self.namespace))

    async def renew(self, held: Lease) -> Lease:
        """Raises TakenError when it is another's. One that was deleted is made anew."""
        try:
            return await self.claim(held)
        except (ConflictError, NotFoundError):
            return await self.claim(await self._still_ours())

    async def release(self, held: Lease) -> None:
        """Give the lease up so that the next leader need not wait for it to expire. One that is another's stays."""
        try:
            await self._write(held, released_spec(self._now()))
        except ConflictError:
            present = await self._still_ours()
            if present is not None:
                await self._write(present, released_spec(self._now()))

    async def _still_ours(self) -> Lease | None:
        """What a write met: an earlier one of ours whose answer was lost, or somebody else's. None: deleted."""
        present = await self.read()
        if present is not None and present.spec.holder_identity != self.identity:
            raise TakenError(f"the lease is held by {present.spec.holder_identity or 'nobody'}")
        return present

    async def _write(self, seen: Lease, spec: dict[str, Any]) -> Lease:
        patch = {"metadata": {"resourceVersion": seen.metadata.resource_version}, "spec": spec}
        return await self._in_time(self._client.merge_patch(LEASE, self.namespace, self.name, patch))

    async def _in_time(self, call: Awaitable[R]) -> R:
        try:
            async with asyncio.timeout(self.settings.call_seconds):
                return await call
        except TimeoutError as error:
            raise UnreachableError(f"lease {self.namespace}/{self.name}: no answer in time") from error


def claimed_spec(seen: Lease | None, identity: str, lease_seconds: int, now: datetime) -> dict[str, Any]:
    renewed = micro_time(now)
    if seen is not None and seen.spec.renew_time == renewed:
        # A wall clock that stands still. A patch that changes nothing is not written, and to the others we look dead.
        renewed = micro_time(now + timedelta(microseconds=1))
    spec = {"holderIdentity": identity, "leaseDurationSeconds": lease_seconds, "renewTime": renewed}
    if seen is None:
        return {**spec, "acquireTime": renewed, "leaseTransitions": 0}
    if seen.spec.holder_identity != identity:
        return {**spec, "acquireTime": renewed, "leaseTransitions": seen.spec.lease_transitions + 1}
    return spec


def released_spec(now: datetime) -> dict[str, Any]:
    return {"holderIdentity": "", "renewTime": micro_time(now)}


def micro_time(moment: datetime) -> str:
    """metav1.MicroTime: the API server takes UTC with all six digits and nothing else (apimachinery, micro_time.go)."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
