"""Renaming rules as the documentation spells them, which the platform's own CRDs do not take."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from webhook.api.canonical import COPY_MEMBERS, DOCUMENTED_RULES, STORED_RULES
from webhook.api.kind import Kind
from webhook.api.reference import Reference
from webhook.findings.across import SCHEMA_INVALID
from webhook.validation.field_path import field_of
from webhook.validation.node import Path
from webhook.validation.remark import Correction, Part, Remark

_RULES_AT: Final = 2
"""spec, the block of the copy, its rules."""


def written_path(path: Path, written: Mapping[str, Any]) -> Path:
    """Where in the written object something is that is at `path` of its stored spelling."""
    if len(path) <= _RULES_AT or path[_RULES_AT] != STORED_RULES:
        return path
    block: Any = written
    for step in path[:_RULES_AT]:
        block = block.get(step) if isinstance(block, dict) else None
    if not isinstance(block, dict) or STORED_RULES in block or DOCUMENTED_RULES not in block:
        return path
    return (*path[:_RULES_AT], DOCUMENTED_RULES, *path[_RULES_AT + 1 :])


def rules_as_documented(kind: Kind[Any], written: Mapping[str, Any], subject: Reference) -> Iterator[Remark]:
    """Each deviation from the spelling that the platform stores, with the right one."""
    member, spec = COPY_MEMBERS.get(kind.name), written.get("spec")
    copy = spec.get(member) if isinstance(spec, dict) and member is not None else None
    if not isinstance(copy, dict):
        return
    at: Path = ("spec", str(member))
    if DOCUMENTED_RULES in copy:
        correction = None
        if STORED_RULES not in copy:
            correction = Correction((*at, DOCUMENTED_RULES), Part.KEY, STORED_RULES)
        yield _remark(subject, (*at, DOCUMENTED_RULES), f"the platform calls it {STORED_RULES}", correction)
    for name in (STORED_RULES, DOCUMENTED_RULES):
        rules = copy.get(name)
        for position, rule in enumerate(rules if isinstance(rules, list) else ()):
            match rule:
                case {"to": {"name": str(new), **others}} if not others:
                    path = (*at, name, position, "to")
                    correction = Correction(path, Part.WRAPPER, new)
                    yield _remark(subject, path, "the platform takes the new name itself here", correction)


def _remark(subject: Reference, path: Path, message: str, correction: Correction | None) -> Remark:
    match correction:
        case Correction(part=Part.WRAPPER, text=text):
            remedy = f"write to: {text}"
        case Correction(text=text):
            remedy = f"write {text}"
        case _:
            remedy = f"remove it, {STORED_RULES} is there as well"
    finding = SCHEMA_INVALID.found(subject=subject, field=field_of(path), message=message, remedy=remedy)
    return Remark(finding, path, correction)
