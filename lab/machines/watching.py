"""Which kinds are watched, and where what is seen of them goes."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from lab.machines.kinds import MACHINE, PERSISTENT_VOLUME, STORAGE_CLASS
from lab.machines.registration import API_SERVICE, NAME, ApiService
from lab.machines.table import Table
from lab.machines.world import World
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_ip_address_lease import VIRTUAL_MACHINE_IP_ADDRESS_LEASE
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_mac_address_lease import VIRTUAL_MACHINE_MAC_ADDRESS_LEASE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.kube.client import Client
from webhook.kube.reflector import Reflector


def world_watches(
    client: Client,
    world: World,
    *,
    clock: Callable[[], float],
    random: Callable[[], float],
) -> Sequence[Reflector[Any]]:
    tables: Sequence[tuple[Kind[Any], Table[Any]]] = (
        (MACHINE, world.machines),
        (VIRTUAL_DISK, world.disks),
        (VIRTUAL_DISK_SNAPSHOT, world.disk_snapshots),
        (VIRTUAL_MACHINE_SNAPSHOT, world.machine_snapshots),
        (PERSISTENT_VOLUME_CLAIM, world.claims),
        (PERSISTENT_VOLUME, world.volumes),
        (STORAGE_CLASS, world.storage_classes),
        (VIRTUAL_MACHINE_IP_ADDRESS, world.ip_addresses),
        (VIRTUAL_MACHINE_IP_ADDRESS_LEASE, world.ip_leases),
        (VIRTUAL_MACHINE_MAC_ADDRESS, world.mac_addresses),
        (VIRTUAL_MACHINE_MAC_ADDRESS_LEASE, world.mac_leases),
        (VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, world.attachments),
        (VIRTUAL_IMAGE, world.images),
        (CLUSTER_VIRTUAL_IMAGE, world.cluster_images),
        (VIRTUAL_MACHINE_CLASS, world.classes),
        (VIRTUAL_MACHINE_OPERATION, world.operations),
        (SECRET, world.secrets),
    )
    return [Reflector(client, kind, table, clock=clock, random=random) for kind, table in tables]


def availability_watch(
    client: Client,
    available: asyncio.Event,
    *,
    clock: Callable[[], float],
    random: Callable[[], float],
) -> Reflector[ApiService]:
    """Sets the event when the API server passes requests on to us."""

    def changed(service: ApiService) -> None:
        if service.available:
            available.set()

    table: Table[ApiService] = Table(changed)
    return Reflector(client, API_SERVICE, table, field_selector=f"metadata.name={NAME}", clock=clock, random=random)
