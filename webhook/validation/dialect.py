"""Whose CRDs a manifest is applied to."""

from __future__ import annotations

from enum import StrEnum

from webhook.findings.code import Profile


class Dialect(StrEnum):
    SNAPGATE = "snapgate"
    """Both spellings of a renaming rule are taken, and one is stored."""
    PLATFORM = "platform"
    """Only the stored spelling is known: the documented one is refused, or dropped."""


def expected_dialect(profile: Profile) -> Dialect:
    """Where there is no cluster to ask: guard is the profile beside the platform's controllers, on their CRDs."""
    return Dialect.PLATFORM if profile is Profile.GUARD else Dialect.SNAPGATE
