"""A policy spelled out: what becomes of each code, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from msgspec import Struct

from webhook.api.data_export import DATA_EXPORT
from webhook.findings.across import PERMISSION_MISSING
from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Action, Code
from webhook.findings.export import EXPORT_TARGET_IN_USE
from webhook.findings.policy import Decided, Escape, Policy

_ONLY_ON: Final[Mapping[str, str]] = {EXPORT_TARGET_IN_USE.name: DATA_EXPORT.name}
"""The kind of the requests in which a code can come up, where that matters and no other has it."""


class Line(Struct, frozen=True):
    """`kind` is that of the requests the line is about; None for all that have no line of their own."""

    code: str
    blocking: bool
    kind: str | None
    action: Action
    origin: str


def effective(policy: Policy) -> tuple[Line, ...]:
    """In the order of the catalogue. A kind has a line of its own where its requests are treated otherwise."""
    return tuple(line for code in CATALOGUE for line in _lines(policy, code))


def described(policy: Policy, *, names: bool) -> dict[str, Any]:
    """For JSON. `names`: whether it says who may escape."""
    return {
        "mode": policy.installation,
        "profile": policy.profile,
        "profileOrigin": policy.profile_origin,
        "permissions": "enforce" if policy.permissions_enforced else "warn",
        "permissionsOrigin": policy.permissions_origin,
        "actions": effective(policy),
        "escapes": [_escape(escape, names=names) for escape in policy.escapes],
    }


def _escape(escape: Escape, *, names: bool) -> dict[str, Any]:
    described = {"codes": sorted(escape.codes), "origin": escape.origin}
    if names:
        described |= {"users": sorted(escape.users), "groups": sorted(escape.groups)}
    return described


def _lines(policy: Policy, code: Code) -> Iterator[Line]:
    if code is PERMISSION_MISSING:
        decided = policy.decided(code, blocks=False, kind="")
        yield _line(code, decided.action is Action.DENY, None, decided)
        return
    if code.blocking is not None:
        usual = policy.decided(code, blocks=True, kind=_ONLY_ON.get(code.name, ""))
        yield _line(code, True, None, usual)
        for kind in sorted(code.blocking_by_kind):
            decided = policy.decided(code, blocks=True, kind=kind)
            if decided.action is not usual.action:
                yield _line(code, True, kind, decided)
    if code.advisory is not None:
        yield _line(code, False, None, policy.decided(code, blocks=False, kind=""))


def _line(code: Code, blocks: bool, kind: str | None, decided: Decided) -> Line:
    return Line(code.name, blocks, kind, decided.action, decided.origin)
