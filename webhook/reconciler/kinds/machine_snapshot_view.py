"""What one pass over a VirtualMachineSnapshot looks at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from webhook.api.meta import condition
from webhook.api.reference import reference_to
from webhook.api.secret import SECRET, Secret
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, Phase, VirtualDiskSnapshot
from webhook.api.virtual_disk_snapshot import ConditionType as DiskSnapshotCondition
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshotReadyReason as Reason
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.facts.source import Source
from webhook.findings.catalogue import MACHINE_DELETING, MACHINE_NOT_FOUND
from webhook.findings.finding import Finding
from webhook.reconciler.steps.children import children_of
from webhook.reconciler.stillness import holds, machine_is_still
from webhook.rules.machine_snapshot import MACHINE_FIELD


@dataclass(frozen=True, slots=True)
class MachineSnapshotView:
    snapshot: VirtualMachineSnapshot
    machine: Machine | None
    children: Mapping[str, VirtualDiskSnapshot]
    secret: Secret | None
    taken: tuple[str, ...]
    """Names that its disk snapshots need and that objects of someone else have."""

    @property
    def required(self) -> bool:
        return self.snapshot.spec.required_consistency

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
        return all(child.status.consistent for child in self.children.values())

    @property
    def all_ready(self) -> bool:
        return all(child.status.phase == Phase.READY for child in self.children.values())

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
        return machine_is_still(self.machine, self.snapshot.status.freeze, now)

    def freeze_holds(self, now: datetime) -> bool:
        return holds(self.snapshot.status.freeze, now)

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
        return None


def view_of(snapshot: VirtualMachineSnapshot, source: Source) -> MachineSnapshotView:
    namespace = snapshot.metadata.namespace
    children = children_of(snapshot, source)
    others = [name for name in snapshot.status.virtual_disk_snapshot_names if name not in children]
    secret_name = snapshot.status.virtual_machine_snapshot_secret_name
    return MachineSnapshotView(
        snapshot=snapshot,
        machine=Facts(source, namespace).machine(snapshot.spec.virtual_machine_name),
        children=children,
        secret=source.get(SECRET, namespace, secret_name) if secret_name else None,
        taken=tuple(name for name in others if source.get(VIRTUAL_DISK_SNAPSHOT, namespace, name) is not None),
    )


def _why(child: VirtualDiskSnapshot) -> str:
    told = condition(child.status.conditions, DiskSnapshotCondition.VIRTUAL_DISK_SNAPSHOT_READY)
    return told.message if told is not None else "no reason given"
