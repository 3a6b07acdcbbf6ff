"""What has become of the objects of an operation that has failed."""

from __future__ import annotations

from typing import Final

from webhook.api.kinds import KINDS_BY_NAME
from webhook.api.operation import OperationResource, ResourceStatus
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VirtualDisk
from webhook.api.virtual_machine_operation import VirtualMachineOperation
from webhook.facts.operations import AnyOperation
from webhook.facts.source import Source
from webhook.reconciler.status.operation import with_states
from webhook.reconciler.steps.made import is_made_by
from webhook.reconciler.steps.new_disk import is_usable, state_of

_MISSING: Final = "missing"
_STAYS: Final = "stays"
_TAKEN_BACK: Final = "taken back"


def as_they_are(operation: AnyOperation, source: Source) -> tuple[OperationResource, ...]:
    """Where the work stays: each object is there or is not, and none is in progress any more."""
    removed = _removed(operation)

    def state(each: OperationResource) -> tuple[ResourceStatus, str]:
        live = source.get(KINDS_BY_NAME[each.kind], operation.metadata.namespace, each.name)
        if isinstance(live, VirtualDisk):
            done, told = is_made_by(operation.metadata.uid, live) and is_usable(live), state_of(live)
        else:
            done = live is not None or each.name in removed
            told = each.message if done else _MISSING
        return ResourceStatus.COMPLETED if done else ResourceStatus.FAILED, told

    return with_states(operation.status.resources, state)


def where_taken_back(operation: AnyOperation, source: Source) -> tuple[OperationResource, ...]:
    """A Secret that is there was there before, or others have come to use it: it stays."""

    def state(each: OperationResource) -> tuple[ResourceStatus, str]:
        stays = each.kind == SECRET.name and source.get(SECRET, operation.metadata.namespace, each.name) is not None
        return (ResourceStatus.COMPLETED, _STAYS) if stays else (ResourceStatus.FAILED, _TAKEN_BACK)

    return with_states(operation.status.resources, state)


def _removed(operation: AnyOperation) -> frozenset[str]:
    """Attachments that were to go."""
    records = operation.status.removed_attachments if isinstance(operation, VirtualMachineOperation) else ()
    return frozenset(each.name for each in records)
