"""What each process keeps in its cache."""

from __future__ import annotations

import random
import time
from typing import Any, Final

from prometheus_client import CollectorRegistry

from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.namespace import NAMESPACE
from webhook.api.network import CLUSTER_NETWORK, NETWORK
from webhook.api.resource_quota import RESOURCE_QUOTA
from webhook.api.secret import SECRET, UNWATCHED_TYPES
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_ip_address_lease import VIRTUAL_MACHINE_IP_ADDRESS_LEASE
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_mac_address_lease import VIRTUAL_MACHINE_MAC_ADDRESS_LEASE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.facts.indexes import INDEXES
from webhook.facts.source import Index
from webhook.inventory.inventory import Inventory
from webhook.inventory.metrics import InventoryMetrics
from webhook.inventory.watched import Watched
from webhook.kube.client import Client

NEITHER_RELEASES_NOR_TOKENS: Final = ",".join(f"type!={each}" for each in UNWATCHED_TYPES)

FOR_DECISIONS: Final[tuple[Watched[Any], ...]] = (
    Watched(VIRTUAL_MACHINE),
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
    Watched(NAMESPACE),
    Watched(VIRTUAL_MACHINE_IP_ADDRESS_LEASE),
    Watched(VIRTUAL_MACHINE_MAC_ADDRESS_LEASE),
    Watched(RESOURCE_QUOTA),
    Watched(SECRET, field_selector=NEITHER_RELEASES_NOR_TOKENS, in_pages=True),
    Watched(NETWORK, optional=True),
    Watched(CLUSTER_NETWORK, optional=True),
)

FOR_EXECUTION: Final = FOR_DECISIONS
"""The reconciler decides too, over the same facts."""


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
