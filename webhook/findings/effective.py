"""A policy spelled out: what becomes of each code, and who says so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from msgspec import Struct

from webhook.findings.across import PERMISSION_MISSING
from webhook.findings.catalogue import CATALOGUE
from webhook.findings.code import Action, Code
from webhook.findings.export import EXPORT_TARGET_IN_USE
from webhook.findings.policy import DATA_EXPORT, Decided, Policy

_ONLY_ON: Final[Mapping[str, str]] = {EXPORT_TARGET_IN_USE.name: DATA_EXPORT}
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
