"""Brings disks and machines, one pass at a time, to where their specs want them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

import structlog

from lab.machines.claims import claim_for, claim_name, growth_patch
from lab.machines.disks import DiskScene, claim_is_due, disk_is_ours, disk_status, growth_is_due
from lab.machines.freezing import Freezes
from lab.machines.guest_log import GuestEvent
from lab.machines.kinds import MACHINE
from lab.machines.machine_status import circumstances, machine_status
from lab.machines.power import transition
from lab.machines.queue import KeyQueue
from lab.machines.stopwatch import Stopwatch
from lab.machines.world import World
from lab.machines.writing import status_patch
from webhook.api.decoding import UndecodableError
from webhook.api.reference import Reference
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, PersistentVolumeClaim
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import Phase
from webhook.kube.client import Client
from webhook.kube.errors import AlreadyExistsError, ApiError, ConflictError, NotFoundError, UnreachableError

WORKERS: Final = 4
RETRY_SECONDS: Final = 2.0
"""After a refused write. A conflict needs no retry: the write that it lost to is on its way through the watch."""

log = structlog.get_logger()


class Controller:
    def __init__(
        self,
        client: Client,
        world: World,
        freezes: Freezes,
        queue: KeyQueue[Reference],
        clock: Callable[[], datetime],
        stopwatch: Stopwatch,
    ) -> None:
        self._client = client
        self._world = world
        self._freezes = freezes
        self._queue = queue
        self._clock = clock
        self._stopwatch = stopwatch

    async def run(self) -> None:
        """Call it when the world is complete: what is not there yet would be taken for lost."""
        self._forget_gone_machines()
        async with asyncio.TaskGroup() as workers:
            for _ in range(WORKERS):
                workers.create_task(self._work())

    async def _work(self) -> None:
        while True:
            key = await self._queue.take()
            try:
                await self._reconcile(key)
            except ConflictError:
                log.debug("lost against another write", subject=str(key), namespace=key.namespace)
            except (ApiError, UnreachableError, UndecodableError) as error:
                log.warning("pass failed", subject=str(key), namespace=key.namespace, error=str(error))
                self._queue.add_after(key, RETRY_SECONDS)
            finally:
                self._queue.done(key)

    async def _reconcile(self, key: Reference) -> None:
        if key.kind == MACHINE.name:
            await self._reconcile_machine(key)
        else:
            await self._reconcile_disk(key)

    async def _reconcile_disk(self, key: Reference) -> None:
        disk = self._world.disks.get(key.namespace, key.name)
        if disk is None or not disk_is_ours(disk):
            return
        scene = self._world.disk_scene(disk)
        if claim_is_due(scene):
            scene = replace(scene, claim=await self._create_claim(scene))
        status = disk_status(scene, self._now())
        if status != disk.status:
            patch = status_patch(disk, status)
            try:
                written = await self._client.merge_patch(
                    VIRTUAL_DISK, key.namespace, key.name, patch, subresource="status"
                )
            except NotFoundError:
                return  # deleted meanwhile; garbage collection takes the claim
            self._world.disks.written(written)
        if growth_is_due(scene):
            grown = await self._client.merge_patch(
                PERSISTENT_VOLUME_CLAIM, key.namespace, claim_name(disk), growth_patch(disk)
            )
            self._world.claims.written(grown)

    async def _create_claim(self, scene: DiskScene) -> PersistentVolumeClaim:
        namespace = scene.disk.metadata.namespace
        body = claim_for(scene.disk, scene.storage_class)
        try:
            return await self._client.create(PERSISTENT_VOLUME_CLAIM, body, namespace=namespace)
        except AlreadyExistsError:
            # Ours, from a pass whose write the watch has not shown yet: the name follows from the disk's uid.
            return await self._client.get(PERSISTENT_VOLUME_CLAIM, namespace, claim_name(scene.disk))

    async def _reconcile_machine(self, key: Reference) -> None:
        self._forget_gone_machines()
        machine = self._world.machines.get(key.namespace, key.name)
        if machine is None:
            return
        uid, phase = machine.metadata.uid, machine.status.phase
        scene = self._world.machine_scene(machine, frozen=self._freezes.is_frozen(uid))
        step = transition(phase, self._stopwatch.seconds_in(uid, phase), circumstances(scene))
        if step.phase != Phase.RUNNING:
            self._freezes.thaw(uid, GuestEvent.AUTO_THAWED)
        if step.again_after_seconds is not None:
            self._queue.add_after(key, step.again_after_seconds)
        status = machine_status(scene, step.phase, self._now())
        if status == machine.status:
            return
        try:
            written = await self._client.merge_patch(
                MACHINE, key.namespace, key.name, status_patch(machine, status), subresource="status"
            )
        except NotFoundError:
            return  # deleted meanwhile
        self._world.machines.written(written)

    def _forget_gone_machines(self) -> None:
        living = {machine.metadata.uid for machine in self._world.machines.all()}
        for uid in set(self._freezes.uids()) - living:
            self._freezes.thaw(uid, GuestEvent.AUTO_THAWED)
        self._stopwatch.keep(living)

    def _now(self) -> str:
        return self._clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def enqueue_machine(queue: KeyQueue[Reference], namespace: str, name: str) -> None:
    queue.add(Reference(MACHINE.name, namespace, name))
