"""The one spelling in which operations that copy machines are stored.

The documentation writes `nameReplacements` with `to: {name: x}`; the platform's CRDs, and so everything that executes
an operation, know `nameReplacement` with `to: x`. kubectl adds the documented spelling to the stored one whenever it
applies the same manifest again.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

COPY_MEMBERS: Final[Mapping[str, str]] = {
    VIRTUAL_MACHINE_OPERATION.name: "clone",
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name: "createVirtualMachine",
}
"""Where in the spec of a kind it is said how a machine is copied."""

STORED_RULES: Final = "nameReplacement"
DOCUMENTED_RULES: Final = "nameReplacements"
_CUSTOMIZATION: Final = "customization"
_NOTHING: Final[tuple[Any, ...]] = (None, [])


def canonical_spec(kind: Kind[Any], spec: Any) -> Any:
    """`spec`, JSON as decoded, as it is to be stored; the very same object when it is spelled so already.

    Means what it meant, and is its own canonical form. What has the wrong shape stays as it is, for the schema to name;
    so do two spellings that say different things, because one of them would have to be thrown away.
    """
    member = COPY_MEMBERS.get(kind.name)
    if member is None or not isinstance(spec, dict):
        return spec
    copy = spec.get(member)
    respelled = _canonical_copy(copy) if isinstance(copy, dict) else copy
    return spec if respelled == copy else spec | {member: respelled}


def _canonical_copy(copy: dict[str, Any]) -> dict[str, Any]:
    kept = {name: value for name, value in copy.items() if name not in {STORED_RULES, DOCUMENTED_RULES}}
    if kept.get(_CUSTOMIZATION) == {}:
        del kept[_CUSTOMIZATION]
    return kept | _one_list(_canonical_rules(copy.get(STORED_RULES)), _canonical_rules(copy.get(DOCUMENTED_RULES)))


def _one_list(stored: Any, documented: Any) -> dict[str, Any]:
    """Both under the stored name where that loses nothing. Nulls and empty lists say nothing and go."""
    if documented in _NOTHING or documented == stored:
        return {} if stored in _NOTHING else {STORED_RULES: stored}
    if stored in _NOTHING:
        return {STORED_RULES if isinstance(documented, list) else DOCUMENTED_RULES: documented}
    return {STORED_RULES: stored, DOCUMENTED_RULES: documented}


def _canonical_rules(rules: Any) -> Any:
    return [_canonical_rule(rule) for rule in rules] if isinstance(rules, list) else rules


def _canonical_rule(rule: Any) -> Any:
    new = rule.get("to") if isinstance(rule, dict) else None
    if isinstance(new, dict) and len(new) == 1 and isinstance(new.get("name"), str):
        return rule | {"to": new["name"]}
    return rule
