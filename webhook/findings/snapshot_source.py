"""Codes about a snapshot that something is to be made of."""

from __future__ import annotations

from typing import Final

from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.findings.actions import DENY, DENY_OR_WAIT, WAIT, WARN
from webhook.findings.code import Code

SNAPSHOT_NOT_FOUND: Final = Code(
    "SnapshotNotFound",
    "The snapshot does not exist",
    "There is no snapshot of this name in the namespace.",
    "Check the name, or take the snapshot.",
    "VirtualMachineSnapshot before-upgrade does not exist in namespace default; check the name: kubectl get vmsnapshot",
    blocking=DENY_OR_WAIT,
    blocking_by_kind={VIRTUAL_DISK.name: WAIT},
)
SNAPSHOT_NOT_READY: Final = Code(
    "SnapshotNotReady",
    "The snapshot is not ready",
    "A snapshot has all its data when it is in phase Ready.",
    "Wait until the snapshot is Ready.",
    "VirtualMachineSnapshot before-upgrade is InProgress, not Ready; wait: kubectl wait vmsnapshot/before-upgrade"
    " --for=jsonpath={.status.phase}=Ready",
    blocking=DENY_OR_WAIT,
    blocking_by_kind={VIRTUAL_DISK.name: WAIT},
)
SNAPSHOT_FAILED: Final = Code(
    "SnapshotFailed",
    "The snapshot could not be taken",
    "A snapshot in phase Failed never becomes ready.",
    "Use another snapshot.",
    "VirtualMachineSnapshot before-upgrade is Failed; use another: kubectl get vmsnapshot",
    blocking=DENY,
)
SNAPSHOT_DATA_MISSING: Final = Code(
    "SnapshotDataMissing",
    "A part of the snapshot is lost",
    "The saved machine, the snapshot of a disk or the data behind it was deleted. What is lost cannot be restored.",
    "Use another snapshot.",
    "VirtualDisk linux-vm-data of the saved machine is not part of VirtualMachineSnapshot before-upgrade and does"
    " not exist; use another: kubectl get vmsnapshot",
    blocking=DENY,
)
SNAPSHOT_OF_ANOTHER_MACHINE: Final = Code(
    "SnapshotOfAnotherMachine",
    "The snapshot is of another machine",
    "A restore brings a machine back to a state of its own.",
    "Name the machine that the snapshot was taken of, or another snapshot.",
    "VirtualMachineSnapshot before-upgrade is of VirtualMachine linux-vm, not of billing; use one of billing: "
    "kubectl get vmsnapshot -o custom-columns=NAME:.metadata.name,MACHINE:.spec.virtualMachineName",
    blocking=DENY,
)
SNAPSHOT_CONTENT_TAMPERED: Final = Code(
    "SnapshotContentTampered",
    "The saved machine was changed after the snapshot",
    "The Secret that holds it has another digest than the one recorded when the snapshot was taken. A machine made of "
    "it could be anything.",
    "Use another snapshot, and find out who wrote to the Secret.",
    "Secret d8v-vms-before-upgrade-55fc3b36-c9f5-50ba-9c62-fe040c08c364 is not what VirtualMachineSnapshot "
    "before-upgrade saved: it was changed since; use another: kubectl get vmsnapshot",
    blocking=DENY,
    fixed=True,
)
SNAPSHOT_CONTENT_UNVERIFIED: Final = Code(
    "SnapshotContentUnverified",
    "It cannot be told whether the saved machine was changed",
    "The snapshot records no digest of its content: another controller took it.",
    "Compare the saved machine with what you expect, or take the snapshot again.",
    "VirtualMachineSnapshot before-upgrade has no digest, taken by another controller; its content is not verified",
    advisory=WARN,
    fixed=True,
)
SNAPSHOT_INCONSISTENT: Final = Code(
    "SnapshotInconsistent",
    "The snapshot may be inconsistent",
    "The machine was writing while the snapshot was taken. File systems may need a repair after recovery.",
    "Check the file systems after recovery, or use a consistent snapshot.",
    "VirtualDiskSnapshot linux-vm-root-1728027905 is not marked consistent; check the file systems afterwards",
    advisory=WARN,
    documented=True,
)
