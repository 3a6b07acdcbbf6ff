"""Executes operations that switch a machine on or off."""

from __future__ import annotations

from lab.machines.instances import Instances
from lab.machines.kinds import MACHINE
from lab.machines.operations import is_executed_here, operation_status, request
from lab.machines.queue import KeyQueue
from lab.machines.world import World
from lab.machines.writes import Writes
from webhook.api.reference import Reference
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION


class OperationReconciler:
    def __init__(self, world: World, writes: Writes, instances: Instances, queue: KeyQueue[Reference]) -> None:
        self._world = world
        self._writes = writes
        self._instances = instances
        self._queue = queue

    async def reconcile(self, key: Reference) -> None:
        operation = self._world.operations.get(key.namespace, key.name)
        if operation is None or not is_executed_here(operation):
            return
        scene = self._world.operation_scene(operation)
        wanted = request(scene)
        if scene.machine is not None and wanted:
            self._instances.change(scene.machine.metadata.uid, **wanted)
        status = operation_status(scene, self._writes.now())
        await self._writes.status(VIRTUAL_MACHINE_OPERATION, self._world.operations, operation, status)
        if wanted:
            self._queue.add(Reference(MACHINE.name, key.namespace, operation.spec.virtual_machine_name))
