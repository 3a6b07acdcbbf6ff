"""Whose CRDs a manifest is applied to."""

from __future__ import annotations

from enum import StrEnum

from webhook.findings.policy import Installation


class Dialect(StrEnum):
    SNAPGATE = "snapgate"
    """Both spellings of a renaming rule are taken, and one is stored."""
    PLATFORM = "platform"
    """Only the stored spelling is known: the documented one is refused, or dropped."""


def expected_dialect(installation: Installation) -> Dialect:
    """Where there is no cluster to ask: guard mode installs no CRDs."""
    return Dialect.PLATFORM if installation is Installation.GUARD else Dialect.SNAPGATE
