"""What other operations that have not finished stand in the way of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from webhook.api.virtual_machine_operation import OperationType, Phase, VirtualMachineOperation
from webhook.facts.operations import AnyOperation, Rival
from webhook.findings.finding import Finding, Holder
from webhook.findings.restore import OPERATION_IN_PROGRESS
from webhook.rules.machine_presence import MACHINE_FIELD

_SHORT: Final = {"VirtualMachineOperation": "vmop", "VirtualMachineSnapshotOperation": "vmsop"}


def machine_is_free(machine: str, rivals: Iterable[Rival]) -> Iterator[Finding]:
    """One operation at a time acts on a machine."""
    for rival in rivals:
        yield OPERATION_IN_PROGRESS.found(
            subject=rival.reference,
            field=MACHINE_FIELD,
            message=f"{rival.reference} ({_type(rival.operation)}, {rival.phase}) has yet to finish with "
            f"VirtualMachine {machine}",
            remedy=until_done(rival),
            holder=holder_of(rival),
        )


def changes_its_machine(rival: Rival) -> bool:
    """Clones of one source only read it, and may run together."""
    operation = rival.operation
    return not isinstance(operation, VirtualMachineOperation) or operation.spec.type != OperationType.CLONE


def holder_of(rival: Rival) -> Holder:
    machine = getattr(rival.operation.spec, "virtual_machine_name", "")
    reference = rival.reference
    return Holder(reference.kind, reference.namespace, reference.name, machine, rival.phase)


def until_done(rival: Rival) -> str:
    short, name = _SHORT[rival.reference.kind], rival.reference.name
    if rival.phase == Phase.IN_PROGRESS:
        return f"wait: kubectl wait {short}/{name} --for=jsonpath={{.status.phase}}=Completed"
    return f"wait, or delete it: kubectl delete {short} {name}"


def _type(operation: AnyOperation) -> str:
    return operation.spec.type
