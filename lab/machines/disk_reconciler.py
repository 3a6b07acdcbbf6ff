"""Brings a disk to its claim, and the claim to its volume."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace

from lab.machines.claims import claim_for, growth_patch, selection_patch
from lab.machines.disks import DiskScene, claim_is_due, disk_is_ours, disk_status, growth_is_due, selection_is_due
from lab.machines.world import World
from lab.machines.writes import Writes
from lab.machines.writing import without_finalizer
from webhook.api.reference import Reference
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.vocabulary import DISK_CLEANUP, DISK_PROTECTION
from webhook.kube.errors import NotFoundError


class DiskReconciler:
    def __init__(self, world: World, writes: Writes) -> None:
        self._world = world
        self._writes = writes

    async def reconcile(self, key: Reference) -> None:
        disk = self._world.disks.get(key.namespace, key.name)
        if disk is None:
            return
        scene = self._world.disk_scene(disk)
        if not disk_is_ours(disk):
            await self._select(scene)
            return
        if claim_is_due(scene):
            body = claim_for(disk, scene.storage_class)
            claim = await self._writes.ensure(PERSISTENT_VOLUME_CLAIM, self._world.claims, body, key.namespace)
            scene = replace(scene, claim=claim)
        await self._writes.status(VIRTUAL_DISK, self._world.disks, disk, disk_status(scene, self._writes.now()))
        if disk.metadata.deleting:
            await self._dismantle(scene)
            return
        await self._select(scene)
        if scene.claim is not None and growth_is_due(scene):
            await self._writes.patch(PERSISTENT_VOLUME_CLAIM, self._world.claims, scene.claim, growth_patch(disk))

    async def _select(self, scene: DiskScene) -> None:
        """Disks of others included: it is the scheduler's part."""
        if scene.claim is not None and selection_is_due(scene):
            await self._writes.patch(PERSISTENT_VOLUME_CLAIM, self._world.claims, scene.claim, selection_patch())

    async def _dismantle(self, scene: DiskScene) -> None:
        """A disk that came back has the platform's finalizers, on itself and on its claim."""
        claim, disk = scene.claim, self._world.disks.get(scene.disk.metadata.namespace, scene.disk.metadata.name)
        if claim is not None and DISK_PROTECTION in claim.metadata.finalizers:
            without = without_finalizer(claim, DISK_PROTECTION)
            claim = await self._writes.patch(PERSISTENT_VOLUME_CLAIM, self._world.claims, claim, without)
        if disk is None or DISK_CLEANUP not in disk.metadata.finalizers:
            return
        if claim is not None and not claim.metadata.deleting:
            await self._writes.delete(PERSISTENT_VOLUME_CLAIM, claim)
        with suppress(NotFoundError):  # gone since an earlier pass, which the watch has yet to show
            await self._writes.patch(VIRTUAL_DISK, self._world.disks, disk, without_finalizer(disk, DISK_CLEANUP))
