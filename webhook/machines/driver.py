"""The seam to whatever runs the machines."""

from __future__ import annotations

from typing import Protocol


class FreezeRefusedError(Exception):
    """The guest's file systems cannot be frozen now; the message is the machine API's own."""


class MachineDriver(Protocol):
    """Besides what its methods say, each may raise ApiError or UnreachableError: the effect is unknown then."""

    async def freeze(self, namespace: str, name: str, *, seconds: float) -> None:
        """Ask for the guest's file systems to be frozen, and to be thawed after so many seconds whatever happens.

        Freezing what is frozen changes nothing, its deadline included. Raises FreezeRefusedError.
        """
        ...

    async def thaw(self, namespace: str, name: str) -> None:
        """Thaw the guest. Thawing what is not frozen, not running or gone succeeds: there is nothing left to thaw."""
        ...
