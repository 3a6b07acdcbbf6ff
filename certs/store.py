"""Where the authority is kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol


class StoreError(Exception):
    """The store could not be read or written. The message says why."""


class StoreConflictError(Exception):
    """Someone else wrote first: read again."""


@dataclass(frozen=True, slots=True)
class Stored:
    data: Mapping[str, bytes]
    version: str
    """Opaque; changes with every write."""


class SecretStore(Protocol):
    """One Secret. All methods raise StoreError."""

    async def read(self) -> Stored | None:
        """None when it does not exist."""
        ...

    async def create(self, data: Mapping[str, bytes]) -> None:
        """Raises StoreConflictError when it exists."""
        ...

    async def update(self, data: Mapping[str, bytes], version: str) -> None:
        """Replace these keys. Raises StoreConflictError when the version is no longer the one read."""
        ...
