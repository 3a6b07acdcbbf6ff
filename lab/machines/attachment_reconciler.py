"""Says what became of an attachment. It is the machine that takes the device."""

from __future__ import annotations

from lab.machines.attachments import attachment_status
from lab.machines.world import World
from lab.machines.writes import Writes
from webhook.api.reference import Reference
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT


class AttachmentReconciler:
    def __init__(self, world: World, writes: Writes) -> None:
        self._world = world
        self._writes = writes

    async def reconcile(self, key: Reference) -> None:
        attachment = self._world.attachments.get(key.namespace, key.name)
        if attachment is None:
            return
        status = attachment_status(self._world.attachment_scene(attachment), self._writes.now())
        table = self._world.attachments
        await self._writes.status(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, table, attachment, status)
