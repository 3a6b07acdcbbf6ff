"""The machine's own settings, as they were saved: asked for first, written last."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from webhook.api.operation import Mode
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_operation import VirtualMachineOperation
from webhook.content.machine import Raw
from webhook.facts.facts import Facts
from webhook.planning.blueprint import Image, missing_images
from webhook.planning.restored_bodies import restored_machine
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.status.merge import merge_patch
from webhook.reconciler.steps.disk_bodies import new_disk
from webhook.reconciler.steps.operation_phases import OperationPhases
from webhook.reconciler.steps.rehearsal import Rehearsal
from webhook.reconciler.steps.restored_attachments import RestoredAttachments
from webhook.reconciler.steps.restored_dependencies import RestoredDependencies
from webhook.reconciler.steps.saved import SavedMachine

Device = tuple[str, str]


class RestoredSettings:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._dependencies = RestoredDependencies(cluster)
        self._attachments = RestoredAttachments(phases, cluster)
        self._cluster = cluster

    async def rehearse(self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine) -> str:
        """What is refused, in the words of whoever refuses; `""` for nothing."""
        rehearsal = Rehearsal(self._cluster.writes, operation.metadata.namespace)
        await self._rehearse_disks(rehearsal, operation, machine, saved)
        wanted = self.attachments(operation, saved)
        foreign = list(self._attachments.foreign(operation, wanted))
        clashing = {(each.spec.block_device_ref.kind, each.spec.block_device_ref.name) for each in foreign}
        patch = await self._patch(operation, machine, saved, unplugged_first=clashing)
        if patch.get("spec", {}).get("blockDeviceRefs") != []:  # all of them would be unplugged first
            await rehearsal.patch(VIRTUAL_MACHINE, machine, patch)
        if not foreign:
            for body in self._attachments.missing(operation, wanted):
                await rehearsal.create(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, body)
        conversion = self._dependencies.conversion(operation, saved.raw)
        if conversion is not None:
            await rehearsal.patch(VIRTUAL_MACHINE_IP_ADDRESS, *conversion)
        return rehearsal.refusals

    async def overwrite(
        self, operation: VirtualMachineOperation, machine: VirtualMachine, saved: SavedMachine
    ) -> Progress:
        """The point of no return."""
        await self._phases.must_be_current(operation)
        await self._cluster.writes.patch(VIRTUAL_MACHINE, machine, await self._patch(operation, machine, saved))
        return SETTLED

    async def finish(self, operation: VirtualMachineOperation, saved: SavedMachine) -> Progress | None:
        """What comes after: the address that is converted, the attachments. None when all is there."""
        converting = await self._dependencies.make_static(operation, saved.raw)
        return converting or await self._attachments.create(operation, self.attachments(operation, saved))

    def attachments(self, operation: VirtualMachineOperation, saved: SavedMachine) -> tuple[Raw, ...]:
        left_out = {each.attachment for each in self._left_out(operation, saved)}
        return tuple(each for each in saved.raw.attachments if each["metadata"]["name"] not in left_out)

    async def _rehearse_disks(
        self,
        rehearsal: Rehearsal,
        operation: VirtualMachineOperation,
        machine: VirtualMachine,
        saved: SavedMachine,
    ) -> None:
        for disk in saved.snapshot.disks:
            body = new_disk(operation, machine, disk)
            taken = self._cluster.source.get(VIRTUAL_DISK, operation.metadata.namespace, disk.name) is not None
            await (rehearsal.replace if taken else rehearsal.create)(VIRTUAL_DISK, body)

    async def _patch(
        self,
        operation: VirtualMachineOperation,
        machine: VirtualMachine,
        saved: SavedMachine,
        *,
        unplugged_first: Collection[Device] = (),
    ) -> dict[str, Any]:
        """`unplugged_first`: devices that would be refused now, and will not when it is their turn."""
        live = await self._cluster.writes.read_raw(VIRTUAL_MACHINE, operation.metadata.namespace, machine.metadata.name)
        without = {*_devices(self._left_out(operation, saved)), *unplugged_first}
        wanted = restored_machine(live, saved.raw, without=without, uid=operation.metadata.uid)
        present = {
            "metadata": {key: live["metadata"].get(key) or {} for key in ("labels", "annotations")},
            "spec": live["spec"],
        }
        return merge_patch(present, wanted)

    def _left_out(self, operation: VirtualMachineOperation, saved: SavedMachine) -> tuple[Image, ...]:
        """Missing images, where the mode says that the machine does without."""
        best_effort = operation.spec.restore is not None and operation.spec.restore.mode == Mode.BEST_EFFORT
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        return missing_images(saved.blueprint, facts) if best_effort else ()


def _devices(images: Iterable[Image]) -> set[Device]:
    return {(each.kind, each.name) for each in images if not each.attachment}
