"""What a machine's status is to say. Pure: the scene holds all that matters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from lab.machines.addressing import additional_networks, machine_mac_address_names
from lab.machines.conditions import Observation, observed
from lab.machines.dependencies import dependencies, may_rest
from lab.machines.devices import devices
from lab.machines.kinds import MachineStatus
from lab.machines.machine_scene import MachineScene, has_main_network
from lab.machines.power import Circumstances
from lab.machines.restarts import changes_awaiting_restart
from webhook.api.virtual_disk_snapshot import Phase as SnapshotPhase
from webhook.api.virtual_machine import ConditionReason, ConditionType, NetworkStatus, NetworkType, Phase

_OWNED: Final = frozenset(ConditionType) - {ConditionType.RESTORED}
"""How a restore ended is for whoever executed it to say."""


def circumstances(scene: MachineScene) -> Circumstances:
    machine, instance = scene.machine, scene.instance
    found = Circumstances(
        run_policy=machine.spec.run_policy,
        ready=all(each.true for each in dependencies(scene)),
        start_withheld=any(each.status.phase == SnapshotPhase.IN_PROGRESS for each in scene.unfinished_snapshots),
        deleting=machine.metadata.deleting,
        power=instance.power,
        restarting=bool(instance.restart_for),
        maintained=scene.maintained,
    )
    if not found.ready and not found.due_to_run and may_rest(scene):
        return replace(found, ready=True)
    return found


def machine_status(scene: MachineScene, phase: Phase, now: str) -> MachineStatus:
    machine = scene.machine
    changes = changes_awaiting_restart(machine, scene.instance.launched_with)
    address = scene.address
    return MachineStatus(
        phase=phase,
        conditions=observed(
            machine.status.conditions,
            _observations(scene, phase, changing=bool(changes)),
            owned=_OWNED,
            generation=machine.metadata.generation,
            now=now,
        ),
        block_device_refs=devices(scene, phase),
        restart_awaiting_changes=changes,
        ip_address_name=address.metadata.name if address else "",
        ip_address=address.status.address if address else "",
        networks=tuple(_networks(scene)),
        observed_generation=machine.metadata.generation,
    )


def _observations(scene: MachineScene, phase: Phase, *, changing: bool) -> Iterator[Observation]:
    """While maintained and switched off, a machine says nothing else of itself."""
    maintenance = scene.maintenance
    if maintenance is not None and maintenance.true:
        yield Observation(ConditionType.MAINTENANCE, True, maintenance.reason, maintenance.message)
        if phase == Phase.STOPPED:
            return
    yield from dependencies(scene)
    yield from _agent(scene, phase)
    if scene.frozen and phase == Phase.RUNNING:
        yield Observation(ConditionType.FILESYSTEM_FROZEN, True, ConditionReason.FROZEN)
    yield from _snapshotting(scene)
    if changing:
        message = "restart the machine to apply what status.restartAwaitingChanges lists"
        yield Observation(ConditionType.AWAITING_RESTART, True, "ChangesPendingRestart", message)


def _agent(scene: MachineScene, phase: Phase) -> Iterator[Observation]:
    if phase == Phase.RUNNING and scene.agent_connected:
        yield Observation(ConditionType.AGENT_READY, True, ConditionReason.AGENT_READY)
    elif phase in {Phase.RUNNING, Phase.STOPPING}:
        message = "the guest agent is not connected"
        yield Observation(ConditionType.AGENT_READY, False, ConditionReason.AGENT_NOT_READY, message)


def _snapshotting(scene: MachineScene) -> Iterator[Observation]:
    unfinished = scene.unfinished_snapshots
    if not unfinished:
        return
    reason = (
        ConditionReason.SNAPSHOTTING_IN_PROGRESS
        if any(each.status.phase == SnapshotPhase.IN_PROGRESS for each in unfinished)
        else ConditionReason.WAITING_FOR_THE_SNAPSHOT_TO_START
    )
    yield Observation(ConditionType.SNAPSHOTTING, True, reason)


def _networks(scene: MachineScene) -> Iterator[NetworkStatus]:
    if has_main_network(scene.machine):
        yield NetworkStatus(type=NetworkType.MAIN, id=1)
    names = machine_mac_address_names(scene.machine)
    for position, (network, name) in enumerate(zip(additional_networks(scene.machine), names, strict=True), start=2):
        address = scene.mac_addresses.get(name)
        yield NetworkStatus(
            type=network.type,
            name=network.name,
            id=network.id or position,
            mac_address=address.status.address if address else "",
            mac_address_name=name,
        )
