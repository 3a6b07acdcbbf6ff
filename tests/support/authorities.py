"""A Secret and a webhook configuration without a cluster."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from certs.bundle import BundleError
from certs.source import Trouble
from certs.store import StoreConflictError, Stored, StoreError


class MemoryStore:
    """`rival` is written just before our own first write, as by another replica."""

    def __init__(self, data: Mapping[str, bytes] | None = None, *, rival: Mapping[str, bytes] | None = None) -> None:
        self.data = data
        self.broken = False
        self.writes = 0
        self._rival = rival
        self._version = 1

    @property
    def stored(self) -> Mapping[str, bytes]:
        return self.data or {}

    async def read(self) -> Stored | None:
        if self.broken:
            raise StoreError("Secret ns/authority cannot be read: refused")
        return None if self.data is None else Stored(self.data, str(self._version))

    async def create(self, data: Mapping[str, bytes]) -> None:
        self._let_the_rival_win()
        if self.data is not None:
            raise StoreConflictError("exists")
        self._write(data)

    async def update(self, data: Mapping[str, bytes], version: str) -> None:
        self._let_the_rival_win()
        if version != str(self._version):
            raise StoreConflictError("changed")
        self._write(data)

    def _let_the_rival_win(self) -> None:
        if self._rival is not None:
            self.data, self._rival = self._rival, None
            self._version += 1

    def _write(self, data: Mapping[str, bytes]) -> None:
        self.data = data
        self.writes += 1
        self._version += 1


class Callers:
    """What the callers of the server were told to trust."""

    def __init__(self) -> None:
        self.bundle: bytes | None = None
        self.unreachable = False

    async def inject(self, bundle_pem: bytes) -> None:
        if self.unreachable:
            raise BundleError("ValidatingWebhookConfiguration snapgate was not given the authority: refused")
        self.bundle = bundle_pem


class Told:
    """A CertificateObserver."""

    def __init__(self) -> None:
        self.troubles: list[Trouble] = []
        self.ends: datetime | None = None
        self.authority_ends: datetime | None = None

    def serving(self, ends: datetime, authority_ends: datetime | None) -> None:
        self.ends, self.authority_ends = ends, authority_ends

    def failed(self, trouble: Trouble) -> None:
        self.troubles.append(trouble)


class WallClock:
    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def advance(self, by: timedelta) -> None:
        self.now += by
