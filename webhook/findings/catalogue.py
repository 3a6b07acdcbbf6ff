"""The table of codes. A code never changes its meaning after the first release; names of new ones are CamelCase."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from types import ModuleType
from typing import Final

from webhook.findings import (
    across,
    clone,
    content,
    deletion,
    dependencies,
    disks,
    export,
    restore,
    snapshot_source,
    snapshots,
)
from webhook.findings.code import Code


def _codes_of(module: ModuleType) -> tuple[Code, ...]:
    return tuple(each for each in vars(module).values() if isinstance(each, Code))


SECTIONS: Final[Mapping[str, tuple[Code, ...]]] = {
    "Taking a snapshot": _codes_of(snapshots),
    "What a machine needs besides its disks": _codes_of(dependencies),
    "Deleting": _codes_of(deletion),
    "Using a snapshot": _codes_of(snapshot_source),
    "Restoring": _codes_of(restore),
    "Copying a machine": _codes_of(clone),
    "Disks": _codes_of(disks),
    "Exporting data": _codes_of(export),
    "The content of a snapshot": _codes_of(content),
    "Any request": _codes_of(across),
}
"""As the reference shows them. A code is in the table because a module of a section defines it."""

CATALOGUE: Final[tuple[Code, ...]] = tuple(
    sorted((code for codes in SECTIONS.values() for code in codes), key=lambda code: code.name)
)

CODES: Final[Mapping[str, Code]] = {code.name: code for code in CATALOGUE}


def nearest(name: str) -> str | None:
    """The code that someone who wrote `name` probably meant."""
    by_lower_case = {each.lower(): each for each in CODES}
    close = get_close_matches(name.lower(), by_lower_case, n=1)
    return by_lower_case[close[0]] if close else None


def unknown(name: str) -> str:
    """What to say to someone who wrote `name`."""
    meant = nearest(name)
    return f"there is no code {name}; did you mean {meant}?" if meant else f"there is no code {name}"
