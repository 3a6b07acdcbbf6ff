"""Leaves of our own, signed by an authority that all replicas share."""

from __future__ import annotations

import random
from collections.abc import Sequence
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
from certs.leaf import LIFETIME, Leaf, leaf_must_be_renewed, sign_leaf
from certs.source import Offer, SourceError
from certs.store import SecretStore, StoreConflictError, StoreError

_ATTEMPTS: Final = 5
"""Of a read and a write that others win: all of them end with one authority, so the second read already finds it."""
_MAX_HEAD_START: Final = LIFETIME / 20
_AUTHORITY_NAME: Final = "snapgate-authority"

_log = structlog.get_logger()


class SelfManaged:
    """A CertificateSource: the authority in a Secret, a leaf for each process in its memory.

    The Secret is read each time: a replica that goes on with an authority that another has renewed, or that someone has
    replaced, would tell the callers to trust the old one again.
    """

    def __init__(self, store: SecretStore, dns_names: Sequence[str], *, chance: random.Random) -> None:
        self._store = store
        self._dns_names = tuple(dns_names)
        self._chance = chance
        self._authority: Authority | None = None
        self._leaf: Leaf | None = None

    async def offer(self, now: datetime) -> Offer:
        trouble = None
        try:
            self._authority = await self._shared_authority(now)
        except (StoreError, AuthorityError) as error:
            if self._authority is None:
                raise SourceError(str(error)) from error
            trouble = str(error)
        authority = self._authority
        return Offer(
            self._leaf_of(authority, now), authority.certificate_pem, authority.certificate.not_valid_after_utc, trouble
        )

    def _leaf_of(self, authority: Authority, now: datetime) -> Leaf:
        reason = self._must_sign(authority, now)
        if reason is None and self._leaf is not None:
            return self._leaf
        head_start = timedelta(seconds=self._chance.uniform(0, _MAX_HEAD_START.total_seconds()))
        self._leaf = sign_leaf(authority, self._dns_names, now, head_start=head_start)
        _log.info("signed a new certificate", reason=reason, ends=self._leaf.not_after.isoformat())
        return self._leaf

    def _must_sign(self, authority: Authority, now: datetime) -> str | None:
        if self._leaf is None:
            return "there is none yet"
        if not self._leaf.is_signed_by(authority):
            return "the authority is another one"
        return leaf_must_be_renewed(self._leaf, now)

    async def _shared_authority(self, now: datetime) -> Authority:
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
        authority = authority_from(stored.data)
        begins = authority.certificate.not_valid_before_utc
        if begins > now:
            raise AuthorityError(f"it is not valid before {begins}, and now it is {now}")
        return await self._current(authority, stored.version, now)

    async def _current(self, authority: Authority, version: str, now: datetime) -> Authority:
        reason = authority_must_be_renewed(authority, now)
        if reason is None:
            return authority
        prolonged = renewed(authority, now)
        await self._store.update(prolonged.to_data(), version)
        _log.info("renewed the authority under its own key", reason=reason)
        return prolonged
