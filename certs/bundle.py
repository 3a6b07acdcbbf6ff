"""Who must trust the authority."""

from __future__ import annotations

from typing import Protocol


class BundleError(Exception):
    """The clients could not be told. The message says why."""


class BundleInjector(Protocol):
    async def inject(self, bundle_pem: bytes) -> None:
        """Have the callers of the server trust these certificates. Does nothing when they do. Raises BundleError."""
        ...
