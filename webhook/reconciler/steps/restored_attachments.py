"""Attachments of a machine that is brought back: those that it had, and no others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import msgspec

from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_operation import RemovedAttachment, VirtualMachineOperation
from webhook.content.machine import Raw
from webhook.facts.facts import Facts
from webhook.facts.indexes import ATTACHMENTS_BY_MACHINE, in_namespace
from webhook.kube.errors import AlreadyExistsError
from webhook.planning.restored_bodies import restored_object
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.steps.old_disks import description_of
from webhook.reconciler.steps.operation_phases import OperationPhases

_KIND = VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT


class RestoredAttachments:
    def __init__(self, phases: OperationPhases, cluster: Cluster) -> None:
        self._phases = phases
        self._cluster = cluster

    def foreign(
        self, operation: VirtualMachineOperation, saved: Iterable[Raw]
    ) -> Iterator[VirtualMachineBlockDeviceAttachment]:
        """What is plugged in besides the saved devices, or otherwise than it was."""
        wanted = {raw["metadata"]["name"]: _device(raw) for raw in saved}
        value = in_namespace(operation.metadata.namespace, operation.spec.virtual_machine_name)
        for live in self._cluster.source.find(ATTACHMENTS_BY_MACHINE, value):
            device = live.spec.block_device_ref
            if wanted.get(live.metadata.name) != (device.kind, device.name):
                yield live

    def missing(self, operation: VirtualMachineOperation, saved: Iterable[Raw]) -> Iterator[dict[str, Any]]:
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        for raw in saved:
            if facts.get(_KIND, raw["metadata"]["name"]) is None:
                yield restored_object(raw, uid=operation.metadata.uid)

    async def remove_foreign(self, operation: VirtualMachineOperation, saved: tuple[Raw, ...]) -> Progress | None:
        """Before the machine gets its saved devices, with which they would clash (platform API facts, section 6, 12).
        Written down first, in case the machine does not get them. None when none is left."""
        foreign = list(self.foreign(operation, saved))
        known = {each.name for each in operation.status.removed_attachments}
        records = [await self._record(each) for each in foreign if each.metadata.name not in known]
        if records:
            await self._phases.note(operation, removed_attachments=(*operation.status.removed_attachments, *records))
            return SETTLED
        for each in foreign:
            if not each.metadata.deleting:
                await self._phases.must_be_current(operation)
                await self._cluster.writes.delete(_KIND, each)
        return SETTLED if foreign else None

    async def create(self, operation: VirtualMachineOperation, saved: tuple[Raw, ...]) -> Progress | None:
        """None when all are there."""
        for body in self.missing(operation, saved):
            await self._create(operation, body)
            return SETTLED
        return None

    async def put_back(self, operation: VirtualMachineOperation) -> Progress | None:
        """On the way back: what was removed is plugged in again. None when all of it is."""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        for record in operation.status.removed_attachments:
            live = facts.get(_KIND, record.name)
            if live is not None and live.metadata.deleting:
                return SETTLED
            if live is None:
                described: dict[str, Any] = msgspec.json.decode(record.attachment)
                raw = {"metadata": {**described, "name": record.name}, "spec": described["spec"]}
                await self._create(operation, restored_object(raw, uid=operation.metadata.uid))
                return SETTLED
        return await self.forget(operation)

    async def forget(self, operation: VirtualMachineOperation) -> Progress | None:
        """None when nothing is written down any more."""
        if not operation.status.removed_attachments:
            return None
        await self._phases.note(operation, removed_attachments=())
        return SETTLED

    async def _create(self, operation: VirtualMachineOperation, body: dict[str, Any]) -> None:
        try:
            await self._cluster.writes.create(_KIND, operation.metadata.namespace, body)
        except AlreadyExistsError:
            return  # the old one, of which the watch said too early that it is gone

    async def _record(self, live: VirtualMachineBlockDeviceAttachment) -> RemovedAttachment:
        raw = await self._cluster.writes.read_raw(_KIND, live.metadata.namespace, live.metadata.name)
        return RemovedAttachment(live.metadata.name, description_of(raw))


def _device(raw: Raw) -> tuple[str, str]:
    device = raw["spec"]["blockDeviceRef"]
    return device["kind"], device["name"]
