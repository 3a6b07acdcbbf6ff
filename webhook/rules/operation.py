"""What an operation itself must say, before anything else is looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.reference import Reference
from webhook.api.virtual_machine_operation import OperationType, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation
from webhook.findings.across import BLOCK_MISSING, SCHEMA_INVALID
from webhook.findings.finding import Finding

_MACHINE_BLOCKS: Final = {
    OperationType.RESTORE: ("spec.restore", "its mode and virtualMachineSnapshotName"),
    OperationType.CLONE: ("spec.clone", "its mode and customization or nameReplacement"),
}


def check_shape(subject: Reference, operation: VirtualMachineOperation) -> Iterator[Finding]:
    """What CEL in the CRDs says, for those who ask without an API server."""
    spec = operation.spec
    if spec.type == OperationType.START and spec.force:
        yield SCHEMA_INVALID.found(
            subject=subject, field="spec.force", message="a machine cannot be started by force", remedy="remove force"
        )
    if spec.migrate is not None and spec.type != OperationType.MIGRATE:
        yield SCHEMA_INVALID.found(
            subject=subject,
            field="spec.migrate",
            message="spec.migrate goes with type Migrate only",
            remedy="remove it",
        )


def block_of_its_type_is_there(
    subject: Reference, operation: VirtualMachineOperation | VirtualMachineSnapshotOperation
) -> Iterator[Finding]:
    """CEL in our CRDs says it too; in the platform's the rule for createVirtualMachine names a type that is not."""
    if isinstance(operation, VirtualMachineSnapshotOperation):
        field, members = "spec.createVirtualMachine", "its mode and customization or nameReplacement"
    else:
        field, members = _MACHINE_BLOCKS[OperationType(operation.spec.type)]
    yield BLOCK_MISSING.found(
        subject=subject,
        field=field,
        message=f"type {operation.spec.type} needs {field}",
        remedy=f"set {members}",
    )
