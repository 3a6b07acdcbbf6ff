"""Every phase that a machine and a disk can be in, and those that nobody has heard of."""

from __future__ import annotations

import pytest

from tests.support.cases import MACHINE, ROOT
from tests.support.requests import snapshot_of_disk, snapshot_of_machine
from tests.support.world import World
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_machine import Phase as MachinePhase
from webhook.evaluation.evaluate import evaluate
from webhook.facts.request import Request
from webhook.findings.policy import Policy

DISK_PHASES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(DiskPhase, ("DiskNotReady",)),
    "": ("DiskNotReady",),
    "Thawing": ("DiskNotReady",),
    DiskPhase.READY: (),
    DiskPhase.RESIZING: ("DiskResizing",),
}
UNBOUND_DISK_PHASES = DISK_PHASES | {
    DiskPhase.READY: ("VolumeNotBound",),
    DiskPhase.WAIT_FOR_FIRST_CONSUMER: ("VolumeNotBound",),
}
MACHINE_PHASES: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(MachinePhase, ("MachinePhaseUnsuitable",)),
    "": ("MachinePhaseUnsuitable",),
    "Hibernated": ("MachinePhaseUnsuitable",),
    MachinePhase.RUNNING: (),
    MachinePhase.STOPPED: (),
}


@pytest.mark.parametrize(("phase", "expected"), DISK_PHASES.items())
def test_only_a_ready_disk_is_captured(world: World, phase: str, expected: tuple[str, ...]) -> None:
    world.disk(ROOT, phase=phase).machine(MACHINE, disks=[ROOT])
    assert found(snapshot_of_disk(ROOT), world) == expected
    assert found(snapshot_of_machine(MACHINE), world) == expected


@pytest.mark.parametrize(("phase", "expected"), UNBOUND_DISK_PHASES.items())
def test_a_disk_without_volume_is_reported_by_what_it_waits_for(
    world: World, phase: str, expected: tuple[str, ...]
) -> None:
    world.disk(ROOT, phase=phase, bound=False)
    assert found(snapshot_of_disk(ROOT), world) == expected


@pytest.mark.parametrize(("phase", "expected"), MACHINE_PHASES.items())
def test_only_a_running_or_stopped_machine_is_captured(world: World, phase: str, expected: tuple[str, ...]) -> None:
    world.machine(MACHINE, phase=phase)
    assert found(snapshot_of_machine(MACHINE), world) == expected


@pytest.mark.parametrize("phase", [*set(MachinePhase) - {MachinePhase.STOPPED}, "", "Hibernated"])
def test_a_disk_is_safe_without_agent_in_no_phase_but_stopped(world: World, phase: str) -> None:
    world.disk(ROOT, users=[MACHINE]).machine(MACHINE, disks=[ROOT], phase=phase, agent=False)
    assert found(snapshot_of_disk(ROOT), world) == ("ConsistencyUnavailable",)
    assert found(snapshot_of_disk(ROOT, required_consistency=False), world) == ("ConsistencyNotGuaranteed",)


def found(request: Request, world: World) -> tuple[str, ...]:
    return tuple(judged.finding.code for judged in evaluate(request, world, Policy()).findings)
