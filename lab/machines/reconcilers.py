"""Which reconciler looks after which kind."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from lab.machines.address_family import IP_ADDRESSES, MAC_ADDRESSES
from lab.machines.address_reconciler import AddressReconciler
from lab.machines.attachment_reconciler import AttachmentReconciler
from lab.machines.controller import Reconcile
from lab.machines.disk_reconciler import DiskReconciler
from lab.machines.freezing import Freezes
from lab.machines.hypervisor import Hypervisor
from lab.machines.instances import Instances
from lab.machines.kinds import MACHINE
from lab.machines.machine_reconciler import MachineReconciler
from lab.machines.operation_reconciler import OperationReconciler
from lab.machines.prompt_reconciler import PromptReconciler
from lab.machines.queue import KeyQueue
from lab.machines.world import World
from lab.machines.writes import Writes
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.reference import Reference
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.kube.client import Client


async def reconcilers(
    client: Client,
    world: World,
    freezes: Freezes,
    instances: Instances,
    queue: KeyQueue[Reference],
    clock: Callable[[], datetime],
    hypervisor: Hypervisor,
) -> Mapping[str, Reconcile]:
    """Call it when the world is complete: guests of machines that are not there are thawed and switched off."""
    writes = Writes(client, clock)
    ip_addresses = AddressReconciler(IP_ADDRESSES, world.ip_addresses, world.ip_leases, world.machine_at, writes, queue)
    mac_addresses = AddressReconciler(
        MAC_ADDRESSES, world.mac_addresses, world.mac_leases, world.machine_at, writes, queue
    )
    machines = MachineReconciler(world, writes, freezes, instances, queue, hypervisor)
    await machines.forget_gone_machines()
    prompt = PromptReconciler(world, writes)
    return {
        MACHINE.name: machines.reconcile,
        VIRTUAL_DISK.name: DiskReconciler(world, writes).reconcile,
        VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name: AttachmentReconciler(world, writes).reconcile,
        VIRTUAL_MACHINE_OPERATION.name: OperationReconciler(world, writes, instances, queue).reconcile,
        VIRTUAL_IMAGE.name: prompt.reconcile_image,
        CLUSTER_VIRTUAL_IMAGE.name: prompt.reconcile_cluster_image,
        VIRTUAL_MACHINE_CLASS.name: prompt.reconcile_class,
        IP_ADDRESSES.kind.name: ip_addresses.reconcile_address,
        IP_ADDRESSES.lease_kind.name: ip_addresses.reconcile_lease,
        MAC_ADDRESSES.kind.name: mac_addresses.reconcile_address,
        MAC_ADDRESSES.lease_kind.name: mac_addresses.reconcile_lease,
    }
