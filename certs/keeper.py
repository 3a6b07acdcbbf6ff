"""Keeps a server in possession of a certificate that its callers trust."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import structlog

from certs.authority import (
    Authority,
    AuthorityError,
    authority_from,
    authority_must_be_renewed,
    new_authority,
    renewed,
)
from certs.bundle import BundleError, BundleInjector
from certs.leaf import LIFETIME, leaf_must_be_renewed, sign_leaf
from certs.serving_context import LeafError, ServingContext
from certs.store import SecretStore, StoreConflictError, StoreError

CHECK_SECONDS: Final = 60.0
RETRY_SECONDS: Final = 2.0
_ATTEMPTS: Final = 5
"""Of a read and a write that others win: all of them end with one authority, so the second read already finds it."""
_MAX_HEAD_START: Final = LIFETIME / 20
_AUTHORITY_NAME: Final = "snapgate-authority"

_log = structlog.get_logger()

Clock = Callable[[], datetime]
Pause = Callable[[float], Awaitable[None]]


class CertificateKeeper:
    """One per process. What fails is logged and tried again; a certificate that is being served stays until then."""

    def __init__(
        self,
        store: SecretStore,
        injector: BundleInjector,
        dns_names: Sequence[str],
        *,
        clock: Clock,
        chance: random.Random,
        pause: Pause = asyncio.sleep,
    ) -> None:
        self.serving = ServingContext()
        self._store = store
        self._injector = injector
        self._dns_names = tuple(dns_names)
        self._clock = clock
        self._chance = chance
        self._pause = pause
        self._bundle: bytes | None = None
        self._trusted = False

    async def run(self) -> None:
        """Check the wall clock each minute, for ever; cancel to stop."""
        while True:
            healthy = await self.check()
            await self._pause(CHECK_SECONDS if healthy else RETRY_SECONDS)

    def not_ready_reason(self) -> str | None:
        """Why nobody should call yet; None when the certificate is served and its callers were told whom to trust."""
        leaf = self.serving.leaf
        if leaf is None or leaf.not_after <= self._clock():
            return "no valid serving certificate"
        return None if self._trusted else "the callers have not been told which authority to trust"

    async def check(self) -> bool:
        """Renew what is due, and put the bundle back where someone removed it. False when something failed."""
        try:
            await self._renew_leaf()
            if self._bundle is not None:
                await self._injector.inject(self._bundle)
                self._trusted = True
        except (StoreError, StoreConflictError, AuthorityError, LeafError, BundleError) as error:
            leaf = self.serving.leaf
            _log.warning(
                "certificates need attention",
                reason=str(error),
                still_serving_until=leaf.not_after.isoformat() if leaf is not None else None,
            )
            return False
        return True

    async def _renew_leaf(self) -> None:
        now = self._clock()
        leaf = self.serving.leaf
        reason = "there is none yet" if leaf is None else leaf_must_be_renewed(leaf, now)
        if reason is None:
            return
        authority = await self._authority(now)
        head_start = timedelta(seconds=self._chance.uniform(0, _MAX_HEAD_START.total_seconds()))
        fresh = sign_leaf(authority, self._dns_names, now, head_start=head_start)
        self.serving.use(fresh, self._dns_names, now)
        self._bundle = authority.certificate_pem
        _log.info("serving a new certificate", reason=reason, ends=fresh.not_after.isoformat())

    async def _authority(self, now: datetime) -> Authority:
        """The stored one, created by whichever process comes first."""
        for _ in range(_ATTEMPTS):
            try:
                return await self._stored_or_new_authority(now)
            except StoreConflictError:
                continue
        raise StoreError(f"others changed the authority's Secret {_ATTEMPTS} times while it was being written")

    async def _stored_or_new_authority(self, now: datetime) -> Authority:
        stored = await self._store.read()
        if stored is None:
            created = new_authority(_AUTHORITY_NAME, now)
            await self._store.create(created.to_data())
            return created
        if not any(stored.data.values()):
            filled = new_authority(_AUTHORITY_NAME, now)
            await self._store.update(filled.to_data(), stored.version)
            return filled
        return await self._current(authority_from(stored.data), stored.version, now)

    async def _current(self, authority: Authority, version: str, now: datetime) -> Authority:
        reason = authority_must_be_renewed(authority, now)
        if reason is None:
            return authority
        prolonged = renewed(authority, now)
        await self._store.update(prolonged.to_data(), version)
        _log.info("renewed the authority under its own key", reason=reason)
        return prolonged
