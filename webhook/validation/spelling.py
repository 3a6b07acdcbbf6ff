"""Renaming rules as the documentation spells them, which the platform's own CRDs do not take.

Of what stands behind `to` no schema says anything, because both spellings must pass it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from webhook.api.canonical import COPY_MEMBERS, DOCUMENTED_RULES, STORED_RULES
from webhook.api.kind import Kind
from webhook.api.reference import Reference
from webhook.findings.across import SCHEMA_INVALID
from webhook.validation.field_path import field_of
from webhook.validation.node import Node, Path
from webhook.validation.remark import Correction, Part, Remark
from webhook.validation.shape import not_a_text

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
    at, copy = _copy_in(kind, written)
    if DOCUMENTED_RULES in copy:
        correction = None
        if STORED_RULES not in copy:
            correction = Correction((*at, DOCUMENTED_RULES), Part.KEY, STORED_RULES)
        yield _remark(subject, (*at, DOCUMENTED_RULES), f"the platform calls it {STORED_RULES}", correction)
    for path, to in _objects_for_names(at, copy):
        match to:
            case {"name": str(new), **others} if not others:
                correction = Correction(path, Part.WRAPPER, new)
                yield _remark(subject, path, "the platform takes the new name itself here", correction)


def new_names_are_texts(
    kind: Kind[Any], content: Mapping[str, Any], subject: Reference, node_at: Callable[[Path], Node | None]
) -> Iterator[Remark]:
    """`content` is canonical: an object that is still behind `to` could not be respelled, and is refused."""
    for path, to in _objects_for_names(*_copy_in(kind, content)):
        match to:
            case {"name": str(new)}:
                yield _refused(subject, path, "nothing but the new name belongs here", f"write to: {new}")
            case {"name": value}:
                yield not_a_text(subject, (*path, "name"), value, node_at((*path, "name")), explained=path)
            case _:
                yield _refused(subject, (*path, "name"), "this field is required", "write the new name after to:")


def written_copy(kind: str, content: Mapping[str, Any]) -> tuple[Path, Any]:
    """What is said about a copy, of whatever shape, and where; None when there is none."""
    member, spec = COPY_MEMBERS.get(kind), content.get("spec")
    copy = spec.get(member) if isinstance(spec, dict) and member is not None else None
    return ("spec", str(member)), copy


def _copy_in(kind: Kind[Any], content: Mapping[str, Any]) -> tuple[Path, Mapping[str, Any]]:
    at, copy = written_copy(kind.name, content)
    return at, copy if isinstance(copy, dict) else {}


def _objects_for_names(at: Path, copy: Mapping[str, Any]) -> Iterator[tuple[Path, dict[str, Any]]]:
    for name in (STORED_RULES, DOCUMENTED_RULES):
        rules = copy.get(name)
        for position, rule in enumerate(rules if isinstance(rules, list) else ()):
            to = rule.get("to") if isinstance(rule, dict) else None
            if isinstance(to, dict):
                yield (*at, name, position, "to"), to


def _refused(subject: Reference, path: Path, message: str, remedy: str) -> Remark:
    finding = SCHEMA_INVALID.found(subject=subject, field=field_of(path), message=message, remedy=remedy)
    return Remark(finding, path)


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
