"""Who owns a field that was respelled: `metadata.managedFields` moves with it.

The API server notes owners before it calls mutating webhooks, and does not look again. Whoever applies the documented
spelling would own a field that does not exist, and conflict with everyone else who applies the same rules server-side.
A change that the API server cannot read is dropped by it (apiserver, fieldmanager/admission.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from webhook.api.canonical import COPY_MEMBERS, DOCUMENTED_RULES, STORED_RULES
from webhook.api.kind import Kind


def moved_ownership(kind: Kind[Any], managed_fields: Any, spec: Any, *, before: Any = None) -> Any:
    """`managed_fields`, JSON as decoded, for an object with this spec, as it is to be stored.

    `before` is what is stored now. An owner who comes to own nothing else keeps his entry, time and place: applying the
    same manifest again must not even write a time.
    """
    member = COPY_MEMBERS.get(kind.name)
    if member is None or not isinstance(managed_fields, list):
        return managed_fields
    moved = [_moved(entry, member, spec[member]) for entry in managed_fields]
    return before if _without_times(moved) == _without_times(before) else moved


def _without_times(managed_fields: Any) -> Any:
    """In an order that times have no part in: the API server puts the latest entry last."""
    if not isinstance(managed_fields, list) or not all(isinstance(entry, dict) for entry in managed_fields):
        return managed_fields
    timeless = ({key: value for key, value in entry.items() if key != "time"} for entry in managed_fields)
    return sorted(msgspec.json.encode(entry, order="sorted") for entry in timeless)


def _moved(entry: Any, member: str, copy: Mapping[str, Any]) -> Any:
    block = f"f:{member}"
    match entry:
        case {"fieldsV1": {"f:spec": {**owned}}} if isinstance(owned.get(block), dict):
            fields = entry["fieldsV1"]
            of_block = _of(fields["f:spec"][block], copy)
            return entry | {"fieldsV1": fields | {"f:spec": fields["f:spec"] | {block: of_block}}}
        case _:
            return entry


def _of(fields: Mapping[str, Any], copy: Mapping[str, Any]) -> dict[str, Any]:
    """Keys are `f:` and a member's name, or `.` for the object itself."""
    kept = {key: value for key, value in fields.items() if key == "." or key.removeprefix("f:") in copy}
    if f"f:{DOCUMENTED_RULES}" in fields and DOCUMENTED_RULES not in copy and STORED_RULES in copy:
        kept.setdefault(f"f:{STORED_RULES}", {})
    return kept
