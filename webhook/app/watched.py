"""What each process keeps in its cache."""

from __future__ import annotations

import random
import time
from typing import Any, Final

import msgspec
from msgspec import Raw
from prometheus_client import CollectorRegistry

from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.meta import ObjectMeta
from webhook.api.namespace import NAMESPACE, Namespace
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.facts.indexes import INDEXES
from webhook.facts.source import Index
from webhook.inventory.inventory import Inventory
from webhook.inventory.metrics import InventoryMetrics
from webhook.inventory.projection import without_last_applied
from webhook.inventory.watched import Watched
from webhook.kube.client import Client


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


FOR_DECISIONS: Final[tuple[Watched[Any], ...]] = (
    Watched(VIRTUAL_MACHINE, project=machine_to_keep),
    Watched(VIRTUAL_DISK),
    Watched(PERSISTENT_VOLUME_CLAIM),
    Watched(STORAGE_CLASS),
    Watched(VOLUME_SNAPSHOT_CLASS),
    Watched(VOLUME_SNAPSHOT),
    Watched(VIRTUAL_IMAGE),
    Watched(CLUSTER_VIRTUAL_IMAGE),
    Watched(VIRTUAL_MACHINE_IP_ADDRESS),
    Watched(VIRTUAL_MACHINE_MAC_ADDRESS),
    Watched(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT),
    Watched(VIRTUAL_MACHINE_CLASS),
    Watched(VIRTUAL_DISK_SNAPSHOT),
    Watched(VIRTUAL_MACHINE_SNAPSHOT),
    Watched(VIRTUAL_MACHINE_OPERATION),
    Watched(VIRTUAL_MACHINE_SNAPSHOT_OPERATION),
    Watched(NAMESPACE, project=namespace_to_keep),
)

FOR_EXECUTION: Final[tuple[Watched[Any], ...]] = (
    *FOR_DECISIONS,
    Watched(SECRET, field_selector=f"type={SNAPSHOT_SECRET_TYPE}"),
)


def indexes_over(watched: tuple[Watched[Any], ...]) -> tuple[Index[Any], ...]:
    kinds = {each.kind.name for each in watched}
    return tuple(index for index in INDEXES if index.kind.name in kinds)


def inventory_over(client: Client, watched: tuple[Watched[Any], ...], registry: CollectorRegistry) -> Inventory:
    """The cache of a process, with all indexes over what it watches."""
    return Inventory(
        client,
        watched,
        indexes_over(watched),
        clock=time.monotonic,
        random=random.random,
        metrics=InventoryMetrics(registry),
    )
