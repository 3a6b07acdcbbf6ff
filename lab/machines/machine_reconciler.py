"""Brings a machine to the phase that its policy, operations and maintenance want it in."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from lab.machines.addressing import missing_ip_address, missing_mac_addresses
from lab.machines.devices import devices
from lab.machines.freezing import Freezes
from lab.machines.guest_log import GuestEvent
from lab.machines.hypervisor import GuestDisk, Hypervisor
from lab.machines.instances import Instances, Power
from lab.machines.kinds import MACHINE, Machine
from lab.machines.machine_scene import MachineScene
from lab.machines.machine_status import circumstances, machine_status
from lab.machines.power import Circumstances, transition
from lab.machines.queue import KeyQueue
from lab.machines.restarts import launch_configuration
from lab.machines.world import World
from lab.machines.writes import Writes
from webhook.api.reference import Reference
from webhook.api.virtual_machine import BlockDeviceKind, Phase
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.vocabulary import RESTORE_POWER_STATE

_LAUNCHED: Final = frozenset({Phase.STARTING, Phase.RUNNING, Phase.STOPPING})


class MachineReconciler:
    def __init__(
        self,
        world: World,
        writes: Writes,
        freezes: Freezes,
        instances: Instances,
        queue: KeyQueue[Reference],
        hypervisor: Hypervisor,
    ) -> None:
        self._world = world
        self._writes = writes
        self._freezes = freezes
        self._instances = instances
        self._queue = queue
        self._hypervisor = hypervisor

    async def reconcile(self, key: Reference) -> None:
        await self.forget_gone_machines()
        machine = self._world.machines.get(key.namespace, key.name)
        if machine is None:
            return
        await self._make_addresses(machine)
        machine = await self._leave_maintenance(machine)
        step = transition(machine.status.phase, self._hypervisor.seconds_left(machine), self._circumstances(machine))
        self._remember(machine, step.phase)
        await self._bring_to(machine, step.phase)
        if step.phase != Phase.RUNNING:
            self._freezes.thaw(machine.metadata.uid, GuestEvent.AUTO_THAWED)
        if step.again_after_seconds is not None:
            self._queue.add_after(key, step.again_after_seconds)
        status = machine_status(self._scene(machine), step.phase, self._writes.now())
        await self._writes.status(MACHINE, self._world.machines, machine, status)

    async def forget_gone_machines(self) -> None:
        living = {machine.metadata.uid for machine in self._world.machines.all()}
        for uid in set(self._freezes.uids()) - living:
            self._freezes.thaw(uid, GuestEvent.AUTO_THAWED)
        self._instances.keep(living)
        await self._hypervisor.keep(living)

    def _scene(self, machine: Machine) -> MachineScene:
        scene = self._world.machine_scene(machine, frozen=self._freezes.is_frozen(machine.metadata.uid))
        return replace(scene, agent_connected=self._hypervisor.agent_connected(machine))

    def _circumstances(self, machine: Machine) -> Circumstances:
        if self._hypervisor.switched_off_inside(machine):
            self._instances.change(machine.metadata.uid, power=Power.OFF)
        return replace(circumstances(self._scene(machine)), ended=self._hypervisor.ended_by_itself(machine))

    async def _bring_to(self, machine: Machine, phase: Phase) -> None:
        """A machine is launched when it says that it starts, not before: what is seen as Stopped must not write."""
        if phase == Phase.STARTING and machine.status.phase != Phase.STARTING:
            return
        namespace = machine.metadata.namespace
        disks = [
            GuestDisk(each.name, self._world.volume_handle(namespace, each.name))
            for each in devices(self._scene(machine), phase)
            if each.attached and each.kind == BlockDeviceKind.VIRTUAL_DISK
        ]
        await self._hypervisor.bring_to(machine, phase, disks)

    def _remember(self, machine: Machine, phase: Phase) -> None:
        uid = machine.metadata.uid
        instance = self._instances.get(uid)
        if phase not in _LAUNCHED:
            if instance.restart_for:
                self._queue.add(_key(machine))  # it has stopped for the restart, and may start again
            self._instances.change(uid, launched_with=None, restart_for="")
        elif instance.launched_with is None:
            self._instances.change(uid, launched_with=launch_configuration(machine))

    async def _make_addresses(self, machine: Machine) -> None:
        """Not for a machine that goes: garbage collection would have to take them again."""
        if machine.metadata.deleting:
            return
        namespace, world = machine.metadata.namespace, self._world
        ip_address = missing_ip_address(machine)
        if ip_address and world.ip_addresses.get(namespace, ip_address["metadata"]["name"]) is None:
            await self._writes.ensure(VIRTUAL_MACHINE_IP_ADDRESS, world.ip_addresses, ip_address, namespace)
        for body in missing_mac_addresses(machine):
            if world.mac_addresses.get(namespace, body["metadata"]["name"]) is None:
                await self._writes.ensure(VIRTUAL_MACHINE_MAC_ADDRESS, world.mac_addresses, body, namespace)

    async def _leave_maintenance(self, machine: Machine) -> Machine:
        """Condition False is the request to leave. It goes last, so that a crash before that begins again."""
        maintenance = self._scene(machine).maintenance
        before = machine.metadata.annotations.get(RESTORE_POWER_STATE)
        if maintenance is None or maintenance.true or before is None:
            return machine
        self._instances.change(machine.metadata.uid, power=Power.ON if before == "Running" else Power.OFF)
        patch = {"metadata": {"annotations": {RESTORE_POWER_STATE: None}}}
        return await self._writes.patch(MACHINE, self._world.machines, machine, patch)


def _key(machine: Machine) -> Reference:
    return Reference(MACHINE.name, machine.metadata.namespace, machine.metadata.name)
