"""What is left out of objects before they are kept."""

from __future__ import annotations

from typing import TypeVar

import msgspec
from msgspec import Raw

from webhook.api.meta import Object, ObjectMeta
from webhook.api.namespace import Namespace
from webhook.api.virtual_machine import VirtualMachine
from webhook.api.vocabulary import LAST_APPLIED_CONFIGURATION

T = TypeVar("T", bound=Object)


def without_last_applied(kept: T) -> T:
    """kubectl's copy of the whole manifest is often most of an object, and no rule reads it."""
    annotations = kept.metadata.annotations
    if LAST_APPLIED_CONFIGURATION not in annotations:
        return kept
    rest = {name: value for name, value in annotations.items() if name != LAST_APPLIED_CONFIGURATION}
    return msgspec.structs.replace(kept, metadata=msgspec.structs.replace(kept.metadata, annotations=rest))


def machine_to_keep(machine: VirtualMachine) -> VirtualMachine:
    """That changes are pending is all that is asked. A Raw is a view that keeps the whole watch message alive."""
    machine = without_last_applied(machine)
    changes = machine.status.restart_awaiting_changes
    if not changes:
        return machine
    status = msgspec.structs.replace(machine.status, restart_awaiting_changes=(Raw(b"{}"),) * len(changes))
    return msgspec.structs.replace(machine, status=status)


def namespace_to_keep(namespace: Namespace) -> Namespace:
    """That it is on its way out is all that is asked; its labels and annotations can be long."""
    metadata = namespace.metadata
    return Namespace(
        ObjectMeta(
            name=metadata.name,
            uid=metadata.uid,
            resource_version=metadata.resource_version,
            deletion_timestamp=metadata.deletion_timestamp,
        )
    )
