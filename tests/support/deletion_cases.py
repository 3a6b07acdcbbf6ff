"""What is found about a deletion that a person asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support import dependency_manifests, manifests
from tests.support.cases import DATA, MACHINE, ROOT, Arrange, Case
from tests.support.manifests import Json, condition, uid_of
from tests.support.requests import delete
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.request import Request

SNAPSHOT: Final = "before-upgrade"
CHILD: Final = f"{ROOT}-{uid_of(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT)}"
COPY: Final = "copy"

_PARENT: Final = manifests.machine_snapshot(SNAPSHOT, of=MACHINE, phase="Ready", virtualDiskSnapshotNames=[CHILD])
_OWNER: Final = manifests.owner_reference(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT)
_CHILD: Final = manifests.disk_snapshot(CHILD, of=ROOT) | {
    "metadata": manifests.metadata(CHILD, ownerReferences=[_OWNER])
}
_IN_USE: Final = ("SnapshotInUse",)


@dataclass(frozen=True, slots=True, kw_only=True)
class DeletionCase(Case):
    kind: Kind[Any]
    present: Json

    @property
    def request(self) -> Request:
        return delete(self.kind, self.present)


def _of_machine(name: str, arrange: Arrange, codes: tuple[str, ...] = ()) -> DeletionCase:
    return DeletionCase(name, arrange, codes, kind=VIRTUAL_MACHINE_SNAPSHOT, present=_PARENT)


def _of_child(name: str, arrange: Arrange, codes: tuple[str, ...] = ()) -> DeletionCase:
    return DeletionCase(name, arrange, codes, kind=VIRTUAL_DISK_SNAPSHOT, present=_CHILD)


def _of_operation(
    name: str, present: Json, codes: tuple[str, ...] = (), arrange: Arrange | None = None
) -> DeletionCase:
    return DeletionCase(name, arrange or (lambda world: world), codes, kind=VIRTUAL_MACHINE_OPERATION, present=present)


def parent(world: World) -> World:
    return world.put(VIRTUAL_MACHINE_SNAPSHOT, _PARENT)


def restoring(phase: str, **described: Any) -> Arrange:
    return lambda world: parent(world).restore("restore", of=MACHINE, snapshot=SNAPSHOT, phase=phase, **described)


def copying(phase: str, **described: Any) -> Arrange:
    return lambda world: parent(world).machine_from_snapshot(COPY, snapshot=SNAPSHOT, phase=phase, **described)


def disk_awaiting(phase: str, **described: Any) -> Arrange:
    return lambda world: parent(world).disk(COPY, phase=phase, bound=False, snapshot=CHILD, **described)


_STILL_IN_MAINTENANCE: Final = restoring("Failed", conditions=[condition("MaintenanceMode")])
_AWAITING: Final = ("", DiskPhase.PENDING, DiskPhase.PROVISIONING, DiskPhase.WAIT_FOR_FIRST_CONSUMER)
_DONE: Final = tuple(phase for phase in DiskPhase if phase not in _AWAITING)

SNAPSHOT_DELETIONS: Final = (
    _of_machine("snapshot that nobody needs", parent),
    *(
        _of_machine(f"restore {phase or 'just created'}", restoring(phase), _IN_USE)
        for phase in ("", "Pending", "InProgress")
    ),
    *(_of_machine(f"restore {phase}", restoring(phase)) for phase in ("Completed", "Failed", "Superseded")),
    _of_machine("restore failed, and the machine is still in maintenance", _STILL_IN_MAINTENANCE, _IN_USE),
    _of_machine("restore that is being deleted", restoring("InProgress", deleting=True)),
    _of_machine(
        "restore of another snapshot",
        lambda world: parent(world).restore("restore", of=MACHINE, snapshot="other"),
    ),
    _of_machine(
        "restore of a snapshot of the same name elsewhere",
        lambda world: (
            parent(world).elsewhere("other").restore("restore", of=MACHINE, snapshot=SNAPSHOT).elsewhere("default")
        ),
    ),
    *(
        _of_machine(f"copy {phase or 'just created'}", copying(phase), _IN_USE)
        for phase in ("", "Pending", "InProgress")
    ),
    *(_of_machine(f"copy {phase}", copying(phase)) for phase in ("Completed", "Failed")),
    _of_machine("copy that is being deleted", copying("Pending", deleting=True)),
    *(
        _of_machine(f"disk of a child {phase or 'without status'}", disk_awaiting(phase), _IN_USE)
        for phase in _AWAITING
    ),
    *(_of_machine(f"disk of a child {phase}", disk_awaiting(phase)) for phase in _DONE),
    _of_machine(
        "three users",
        lambda world: copying("")(restoring("InProgress")(disk_awaiting("Provisioning")(world))),
        _IN_USE * 3,
    ),
    _of_machine("in use, in a namespace that goes", lambda world: restoring("InProgress")(world).terminating()),
    _of_child("child that nobody needs", parent),
    *(_of_child(f"disk {phase or 'without status'}", disk_awaiting(phase), _IN_USE) for phase in _AWAITING),
    _of_child("disk provisioned", disk_awaiting("Ready")),
    _of_child("disk that is being deleted", disk_awaiting("Provisioning", deleting=True)),
    _of_child("restore of its machine's snapshot", restoring("InProgress"), _IN_USE),
    _of_child("copy of its machine's snapshot", copying("Pending"), _IN_USE),
    _of_child(
        "restore of a machine's snapshot that does not have it",
        lambda world: restoring("InProgress")(world).change(
            VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT, status={"virtualDiskSnapshotNames": [DATA]}
        ),
    ),
    _of_child("its machine's snapshot is gone", lambda world: world.restore("restore", of=MACHINE, snapshot=SNAPSHOT)),
    _of_child("disk provisioning, in a namespace that goes", lambda world: disk_awaiting("")(world).terminating()),
)

OPERATION_DELETIONS: Final = (
    _of_operation(
        "restore under way",
        dependency_manifests.restore("restore", of=MACHINE, snapshot=SNAPSHOT, phase="InProgress"),
        ("RestoreInterrupted",),
    ),
    _of_operation(
        "restore under way, in a namespace that goes",
        dependency_manifests.restore("restore", of=MACHINE, snapshot=SNAPSHOT, phase="InProgress"),
        arrange=lambda world: world.terminating(),
    ),
    *(
        _of_operation(
            f"restore {phase or 'just created'}",
            dependency_manifests.restore("restore", of=MACHINE, snapshot=SNAPSHOT, phase=phase),
        )
        for phase in ("", "Pending", "Completed", "Failed")
    ),
    _of_operation(
        "dry run under way",
        dependency_manifests.restore("restore", of=MACHINE, snapshot=SNAPSHOT, mode="DryRun", phase="InProgress"),
    ),
    _of_operation("machine being stopped", dependency_manifests.power_operation("stop", of=MACHINE)),
)

DELETION_CASES: Final = (*SNAPSHOT_DELETIONS, *OPERATION_DELETIONS)
