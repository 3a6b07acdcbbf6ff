"""Who owns a field that was respelled: `metadata.managedFields` moves with it.

The API server notes owners before it calls mutating webhooks, and does not look again. Whoever applies the documented
spelling would own a field that does not exist, and conflict with everyone else who applies the same rules server-side.
A change that the API server cannot read is dropped by it (apiserver, fieldmanager/admission.go).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webhook.api.canonical import COPY_MEMBERS, DOCUMENTED_RULES, STORED_RULES
from webhook.api.kind import Kind


def moved_ownership(kind: Kind[Any], managed_fields: Any, spec: Any) -> Any:
    """`managed_fields`, JSON as decoded, for an object with this spec, as it is to be stored."""
    member = COPY_MEMBERS.get(kind.name)
    if member is None or not isinstance(managed_fields, list):
        return managed_fields
    return [_moved(entry, member, spec[member]) for entry in managed_fields]


def _moved(entry: Any, member: str, copy: Mapping[str, Any]) -> Any:
    match entry:
        case {"fieldsV1": {"f:spec": {**owned}}} if isinstance(owned.get(f"f:{member}"), dict):
            fields: Any = owned[f"f:{member}"]
            moved = owned | {f"f:{member}": _of(fields, copy)}
            return entry | {"fieldsV1": entry["fieldsV1"] | {"f:spec": moved}}
        case _:
            return entry


def _of(fields: Mapping[str, Any], copy: Mapping[str, Any]) -> dict[str, Any]:
    """Keys are `f:` and a member's name, or `.` for the object itself."""
    kept = {key: value for key, value in fields.items() if key == "." or key.removeprefix("f:") in copy}
    if f"f:{DOCUMENTED_RULES}" in fields and DOCUMENTED_RULES not in copy and STORED_RULES in copy:
        kept.setdefault(f"f:{STORED_RULES}", {})
    return kept
