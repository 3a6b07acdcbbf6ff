"""Whether an operation ended as it does without a fault: nothing lost, nothing left, nothing stopped or frozen."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Final

from tests.support.matrix.operations import CAPTURED, Outcome, original
from tests.support.matrix.scene import SINCE, Scene
from webhook.api.meta import condition
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM, PersistentVolume
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.vocabulary import OPERATION_UID, RESTORE_POWER_STATE

_OPERATIONS: Final = (VIRTUAL_MACHINE_OPERATION, VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
_SETTLING_SECONDS: Final = 90.0


async def problems(scene: Scene) -> list[str]:
    """Once all that goes by itself has gone."""
    try:
        await scene.until("all is as it should be", lambda: not wrong(scene), seconds=_SETTLING_SECONDS)
    except TimeoutError:
        return [*wrong(scene), *await _wrong_in_storage(scene)]
    return await _wrong_in_storage(scene)


def wrong(scene: Scene) -> list[str]:
    """By what the API server tells."""
    return [*_wrong_with_the_operation(scene), *_wrong_with_machines(scene), *_wrong_with_disks(scene)]


def _wrong_with_the_operation(scene: Scene) -> Iterator[str]:
    found = scene.get(scene.operation.kind, "op")
    if scene.operation.cancelled:
        if found is not None:
            yield f"the operation is {found.status.phase}, and not gone"
        return
    if found is None or found.status.phase != scene.operation.ends:
        yield f"the operation is {found.status.phase if found else 'gone'}"
        return
    if getattr(found.status, "retained_volumes", ()):
        yield "the operation holds volumes"
    if scene.operation.kind in _OPERATIONS and found.metadata.finalizers:
        yield "the operation keeps its finalizer"


def _wrong_with_machines(scene: Scene) -> Iterator[str]:
    found: VirtualMachine | None = scene.get(VIRTUAL_MACHINE, "vm")
    if found is None:
        yield "the machine is gone"
        return
    should = "Stopped" if scene.operation.machine_off else "Running"
    for name in ("vm", *scene.operation.new_machines):
        if (phase := scene.phase(VIRTUAL_MACHINE, name)) != should:
            yield f"{name} is {phase}, not {should}"
    if {OPERATION_UID, RESTORE_POWER_STATE} & found.metadata.annotations.keys():
        yield "the machine is still marked"
    if condition(found.status.conditions, "Maintenance") is not None:
        yield "the machine stays in maintenance"
    if condition(found.status.conditions, "FilesystemFrozen") is not None:
        yield "the guest stays frozen"
    if temporary := scene.names(VIRTUAL_MACHINE_SNAPSHOT) - {"snap", *scene.operation.new_snapshots}:
        yield f"{sorted(temporary)} stay"


def _wrong_with_disks(scene: Scene) -> Iterator[str]:
    names = _disks(scene)
    others = ("foreign",) if scene.operation.plugged_since else ()
    if scene.names(VIRTUAL_DISK) != {*names, *others}:
        yield f"there are disks {sorted(scene.names(VIRTUAL_DISK))}"
        return
    for name in names:
        if (phase := scene.phase(VIRTUAL_DISK, name)) != "Ready":
            yield f"{name} is {phase}"
        elif scene.claim_of(name) is None:
            yield f"{name} has no claim"
    if len(scene.names(PERSISTENT_VOLUME_CLAIM)) != len(names) + len(others):
        yield f"there are claims {sorted(scene.names(PERSISTENT_VOLUME_CLAIM))}"
    if scene.operation.plugged_since and _outcome(scene) is None:
        yield "the attachment that was made since is not as it should be"


async def _wrong_in_storage(scene: Scene) -> list[str]:
    """Read from its files, and from the volumes that there are."""
    outcome = _outcome(scene) or scene.operation.outcomes[0]
    found = [
        f"{name} holds other bytes"
        for name in _disks(scene)
        if await scene.read(name) != (original(name), outcome.bytes_of(name))
    ]
    volumes = {volume.metadata.name: volume for volume in await _volumes(scene)}
    found += [f"{name} is nobody's, {volumes[name].status.phase}" for name in volumes.keys() - _claimed(scene)]
    found += [
        f"{name} is kept" for name, each in volumes.items() if each.spec.persistent_volume_reclaim_policy != "Delete"
    ]
    return found


def _outcome(scene: Scene) -> Outcome | None:
    """Which of those that are allowed; None for none of them."""
    outcomes = scene.operation.outcomes
    if not scene.operation.plugged_since:
        return outcomes[0]
    attached = scene.get(*SINCE) is not None
    return next((each for each in outcomes if each.attached_since == attached), None)


def _disks(scene: Scene) -> tuple[str, ...]:
    return (*CAPTURED, *scene.operation.new_disks)


async def _volumes(scene: Scene) -> list[PersistentVolume]:
    """Those that were claimed here, once what was let go is gone: storage takes its time, and a volume counts as
    bound until its controller has noticed that the claim is gone."""
    for _ in range(750):
        found = [each for each in await scene.admin.list(PERSISTENT_VOLUME) if _is_of(scene, each)]
        claimed = _claimed(scene)
        if all(each.status.phase == "Bound" and each.metadata.name in claimed for each in found):
            return found
        await asyncio.sleep(0.2)
    return found


def _claimed(scene: Scene) -> set[str]:
    return {claim.spec.volume_name for claim in scene.all(PERSISTENT_VOLUME_CLAIM)}


def _is_of(scene: Scene, volume: PersistentVolume) -> bool:
    return volume.spec.claim_ref is not None and volume.spec.claim_ref.namespace == scene.namespace
