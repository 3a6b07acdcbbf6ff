"""Brings a disk to its claim, and the claim to its volume."""

from __future__ import annotations

from dataclasses import replace

from lab.machines.claims import claim_for, growth_patch, selection_patch
from lab.machines.disks import claim_is_due, disk_is_ours, disk_status, growth_is_due, selection_is_due
from lab.machines.world import World
from lab.machines.writes import Writes
from webhook.api.reference import Reference
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK


class DiskReconciler:
    def __init__(self, world: World, writes: Writes) -> None:
        self._world = world
        self._writes = writes

    async def reconcile(self, key: Reference) -> None:
        disk = self._world.disks.get(key.namespace, key.name)
        if disk is None or not disk_is_ours(disk):
            return
        scene = self._world.disk_scene(disk)
        if claim_is_due(scene):
            body = claim_for(disk, scene.storage_class)
            claim = await self._writes.ensure(PERSISTENT_VOLUME_CLAIM, self._world.claims, body, key.namespace)
            scene = replace(scene, claim=claim)
        await self._writes.status(VIRTUAL_DISK, self._world.disks, disk, disk_status(scene, self._writes.now()))
        if scene.claim is not None and selection_is_due(scene):
            await self._writes.patch(PERSISTENT_VOLUME_CLAIM, self._world.claims, scene.claim, selection_patch())
        if scene.claim is not None and growth_is_due(scene):
            await self._writes.patch(PERSISTENT_VOLUME_CLAIM, self._world.claims, scene.claim, growth_patch(disk))
