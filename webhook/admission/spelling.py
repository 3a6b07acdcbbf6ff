"""Whether the mutating webhook has done its part: it fails open, and may not even be registered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.meta import Object
from webhook.api.operation import CopySpec
from webhook.api.reference import Reference
from webhook.api.virtual_machine_operation import VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation
from webhook.findings.across import SCHEMA_INVALID
from webhook.findings.finding import Finding

_NOBODY_THERE: Final = "this spelling cannot be stored, and Snapgate's mutating webhook was not there to change it"
_NOT_RESPELLED: Final = (
    "the new name is stored as a text; something stands beside name, or Snapgate's mutating webhook was not there"
)


def spelling_finding(asked_for: Object, subject: Reference) -> Finding | None:
    """The first place that is not spelled as it must be stored, else None.

    Two lists that differ are no matter of spelling, and empty ones do no harm.
    """
    for field, copy in _copies(asked_for):
        for place, message, remedy in _misspelled(copy):
            return SCHEMA_INVALID.found(
                subject=subject,
                field=f"{field}.{place}",
                message=message,
                remedy=remedy,
            )
    return None


def _copies(asked_for: Object) -> Iterator[tuple[str, CopySpec]]:
    match asked_for:
        case VirtualMachineOperation(spec=operation) if operation.clone is not None:
            yield "spec.clone", operation.clone
        case VirtualMachineSnapshotOperation(spec=operation) if operation.create_virtual_machine is not None:
            yield "spec.createVirtualMachine", operation.create_virtual_machine


def _misspelled(copy: CopySpec) -> Iterator[tuple[str, str, str]]:
    if copy.name_replacements and not copy.ambiguous:
        yield "nameReplacements", _NOBODY_THERE, "write nameReplacement, or try again"
    for position, rule in enumerate(copy.name_replacement):
        if not isinstance(rule.written_to, str):
            yield f"nameReplacement[{position}].to", _NOT_RESPELLED, f"write to: {rule.to}"
