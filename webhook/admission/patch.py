"""JSON Patch (RFC 6902): what turns one JSON value into another."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType


class PatchOperation(Struct, frozen=True, omit_defaults=True):
    op: str
    path: str
    value: Any | UnsetType = UNSET


def patch(before: Any, after: Any, at: str = "") -> tuple[PatchOperation, ...]:
    """The operations that make `after` of `before`, both JSON as decoded; none when they are equal.

    `at` is a JSON Pointer to both. Objects are changed member by member, everything else is replaced as a whole: an
    element of a list has no name that would still be right once another patch has been applied.
    """
    return tuple(_operations(before, after, at))


def pointer(*members: str) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join(f"/{each.replace('~', '~0').replace('/', '~1')}" for each in members)


def _operations(before: Any, after: Any, at: str) -> Iterator[PatchOperation]:
    if not isinstance(before, dict) or not isinstance(after, dict):
        if _differ(before, after):
            yield PatchOperation("replace", at, after)
        return
    for member in (each for each in before if each not in after):
        yield PatchOperation("remove", at + pointer(member))
    for member, value in after.items():
        if member in before:
            yield from _operations(before[member], value, at + pointer(member))
        else:
            yield PatchOperation("add", at + pointer(member), value)


def _differ(before: Any, after: Any) -> bool:
    """As JSON: to Python, true is 1 and 1 is 1.0."""
    return before is not after and msgspec.json.encode(before, order="sorted") != msgspec.json.encode(
        after, order="sorted"
    )
