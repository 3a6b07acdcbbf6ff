"""What one pass over a VirtualMachineSnapshot looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webhook.api.meta import condition
from webhook.api.reference import reference_to
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE, Secret
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.virtual_disk_snapshot import ConditionType as DiskSnapshotCondition
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, ConditionType, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshotReadyReason as Reason
from webhook.api.vocabulary import MACHINE_SNAPSHOT_PROTECTION
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.findings.finding import Finding
from webhook.findings.snapshots import MACHINE_DELETING, MACHINE_NOT_FOUND
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.steps.children import children_of
from webhook.reconciler.steps.volume_snapshot import standstills_at_request, volume_snapshot_of
from webhook.reconciler.stillness import machine_is_still
from webhook.rules.machine_presence import MACHINE_FIELD


@dataclass(frozen=True, slots=True)
class MachineSnapshotView:
    snapshot: VirtualMachineSnapshot
    machine: Machine | None
    children: Mapping[str, VirtualDiskSnapshot]
    secret: Secret | None
    thawing: bool
    """The machine was asked to thaw: that it still looks frozen means nothing."""
    standstills: frozenset[str | None]
    """Those of the machine in which its disks were captured."""
    taken: tuple[str, ...]
    """Names that its disk snapshots need and that objects of someone else have."""

    @property
    def required(self) -> bool:
        return self.snapshot.spec.required_consistency

    @property
    def guarded(self) -> bool:
        """Whether a guest may yet be frozen because of this snapshot, as far as anybody has written down."""
        freeze = self.snapshot.status.freeze
        return MACHINE_SNAPSHOT_PROTECTION in self.snapshot.metadata.finalizers or (
            freeze is not None and freeze.outstanding
        )

    @property
    def missing_children(self) -> tuple[str, ...]:
        return tuple(name for name in self.snapshot.status.virtual_disk_snapshot_names if name not in self.children)

    @property
    def cut(self) -> bool:
        """The settings are saved, and no disk needs the guest to stand still any more."""
        return (
            bool(self.snapshot.status.content_digest)
            and not self.missing_children
            and (self.consistent or not self.required)
        )

    @property
    def consistent(self) -> bool:
        """Each disk is, and all with one another."""
        return self.in_one_standstill and all(child.status.consistent for child in self.children.values())

    @property
    def in_one_standstill(self) -> bool:
        return len(self.standstills) <= 1

    @property
    def all_ready(self) -> bool:
        return all(
            child.status.phase == Phase.READY and not child.metadata.deleting for child in self.children.values()
        )

    @property
    def progress(self) -> str:
        done = sum(child.status.phase == Phase.READY for child in self.children.values())
        return f"{done} of {len(self.children)} disks are saved"

    @property
    def failed_children(self) -> str:
        """What the failed ones say; empty when none failed."""
        taken = [f"VirtualDiskSnapshot {name} exists and belongs to something else" for name in self.taken]
        failed = [
            f"VirtualDiskSnapshot {name}: {_why(child)}"
            for name, child in self.children.items()
            if child.status.phase == Phase.FAILED
        ]
        return "; ".join(taken + failed)

    def still(self, now: datetime) -> bool:
        """Whether nothing may be writing to the disks of the machine."""
        return not self.thawing and machine_is_still(self.machine, self.snapshot.status.freeze, now)

    @property
    def freezing(self) -> bool:
        """Whether the status says that the guest is being frozen."""
        told = condition(self.snapshot.status.conditions, ConditionType.VIRTUAL_MACHINE_SNAPSHOT_READY)
        return told is not None and told.reason == Reason.FILE_SYSTEM_FREEZING

    def what_is_lost(self) -> Finding | None:
        """The machine was there when the snapshot began, and is needed until all disks are cut."""
        subject = reference_to(VIRTUAL_MACHINE_SNAPSHOT, self.snapshot)
        name = self.snapshot.spec.virtual_machine_name
        if self.machine is None:
            return MACHINE_NOT_FOUND.found(
                subject=subject,
                field=MACHINE_FIELD,
                message=f"VirtualMachine {name} was deleted before it was captured",
            )
        if self.machine.deleting:
            return MACHINE_DELETING.found(
                subject=subject, field=MACHINE_FIELD, message=f"VirtualMachine {name} is being deleted"
            )
        return None

    def what_was_saved_and_is_gone(self) -> tuple[str, str] | None:
        """A message and a reason."""
        if self.missing_children:
            names = ", ".join(self.missing_children)
            return f"VirtualDiskSnapshot {names} is gone", Reason.VIRTUAL_DISK_SNAPSHOT_LOST
        if self.secret is None:
            name = self.snapshot.status.virtual_machine_snapshot_secret_name
            return f"Secret {name} with the machine's settings is gone", Reason.VIRTUAL_MACHINE_SNAPSHOT_FAILED
        if self.failed_children:
            return self.failed_children, Reason.VIRTUAL_DISK_SNAPSHOT_LOST
        return None


def view_of(snapshot: VirtualMachineSnapshot, cluster: Cluster) -> MachineSnapshotView:
    source = cluster.source
    namespace = snapshot.metadata.namespace
    children = children_of(snapshot, source)
    others = [name for name in snapshot.status.virtual_disk_snapshot_names if name not in children]
    secret_name = snapshot.status.virtual_machine_snapshot_secret_name
    return MachineSnapshotView(
        snapshot=snapshot,
        machine=Facts(source, namespace).machine(snapshot.spec.virtual_machine_name),
        children=children,
        thawing=(namespace, snapshot.spec.virtual_machine_name) in cluster.thawing,
        standstills=frozenset(
            (standstills_at_request(volume) or {}).get(snapshot.spec.virtual_machine_name)
            for volume in (volume_snapshot_of(child, source) for child in children.values())
            if volume is not None
        ),
        secret=_saved(source.get(SECRET, namespace, secret_name) if secret_name else None),
        taken=tuple(name for name in others if source.get(VIRTUAL_DISK_SNAPSHOT, namespace, name) is not None),
    )


def _saved(secret: Secret | None) -> Secret | None:
    """A Secret of another type that has the name is not what was saved."""
    return secret if secret is not None and secret.type == SNAPSHOT_SECRET_TYPE else None


def _why(child: VirtualDiskSnapshot) -> str:
    told = condition(child.status.conditions, DiskSnapshotCondition.VIRTUAL_DISK_SNAPSHOT_READY)
    return told.message if told is not None else "no reason given"
