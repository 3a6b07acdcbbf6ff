"""Images and classes."""

from __future__ import annotations

from lab.machines.prompt_kinds import class_status, image_status
from lab.machines.world import World
from lab.machines.writes import Writes
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.reference import Reference
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS


class PromptReconciler:
    def __init__(self, world: World, writes: Writes) -> None:
        self._world = world
        self._writes = writes

    async def reconcile_image(self, key: Reference) -> None:
        image = self._world.images.get(key.namespace, key.name)
        if image is not None:
            status = image_status(image, self._writes.now())
            await self._writes.status(VIRTUAL_IMAGE, self._world.images, image, status)

    async def reconcile_cluster_image(self, key: Reference) -> None:
        image = self._world.cluster_images.get("", key.name)
        if image is not None:
            status = image_status(image, self._writes.now())
            await self._writes.status(CLUSTER_VIRTUAL_IMAGE, self._world.cluster_images, image, status)

    async def reconcile_class(self, key: Reference) -> None:
        machine_class = self._world.classes.get("", key.name)
        if machine_class is not None:
            status = class_status(machine_class, self._writes.now())
            await self._writes.status(VIRTUAL_MACHINE_CLASS, self._world.classes, machine_class, status)
