"""Where a server's certificate comes from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from certs.servable import Servable


class Trouble(StrEnum):
    """Where certificates went wrong: a metric's label, so a closed set."""

    SOURCE = "source"
    """The Secret or the files: not readable, or nothing usable in them."""
    CERTIFICATE = "certificate"
    """Cannot be served: ended, for another name, or its key is another's."""
    BUNDLE = "bundle"
    """The callers could not be told whom to trust."""


class SourceError(Exception):
    """There is nothing to serve. The message says why."""


@dataclass(frozen=True, slots=True)
class Offer:
    """What should be served, and whom the callers have to trust for it."""

    pair: Servable
    bundle_pem: bytes | None = None
    """None: nobody knows, or others tell them."""
    authority_ends: datetime | None = None
    trouble: str | None = None
    """Why this is not what the source has now, but the last that was in order."""


class CertificateSource(Protocol):
    async def offer(self, now: datetime) -> Offer:
        """The same pair again, by identity, as long as nothing has changed. Raises SourceError.

        `now` is the wall clock: others stop while a machine is suspended.
        """
        ...
