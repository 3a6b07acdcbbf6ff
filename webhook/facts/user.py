"""Who asks, and what someone may do."""

from __future__ import annotations

from msgspec import Struct


class User(Struct, frozen=True, gc=False):
    """As authentication told the API server (authentication/v1 UserInfo)."""

    username: str
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """Sorted by key."""


class Access(Struct, frozen=True, order=True, gc=False):
    """One thing that someone may or may not do. An empty name means all: a create is not authorized by name."""

    verb: str
    group: str
    resource: str
    subresource: str = ""
    namespace: str = ""
    name: str = ""

    def __str__(self) -> str:
        """As `kubectl auth can-i` takes it: `delete virtualdisks/root`."""
        return f"{self.verb} {self.resource}{f'/{self.name}' if self.name else ''}"
