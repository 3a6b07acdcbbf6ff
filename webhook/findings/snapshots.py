"""Codes about taking snapshots of disks and machines; what must be ready also holds for a machine to be cloned."""

from __future__ import annotations

from typing import Final

from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.findings.actions import DENY, DENY_OR_WAIT, WAIT_OR_DENY, WARN
from webhook.findings.code import Code

DISK_NOT_FOUND: Final = Code(
    "DiskNotFound",
    "The disk does not exist",
    "The snapshot is taken when a disk of this name appears in the namespace.",
    "Check the name, or create the disk.",
    "VirtualDisk linux-vm-root does not exist in namespace default; check the name: kubectl get vd",
    blocking=WAIT_OR_DENY,
    documented=True,
)
MACHINE_NOT_FOUND: Final = Code(
    "MachineNotFound",
    "The machine does not exist",
    "There is nothing to work on until a machine of this name appears in the namespace.",
    "Check the name, or create the machine.",
    "VirtualMachine linux-vm does not exist in namespace default; check the name: kubectl get vm",
    blocking=WAIT_OR_DENY,
    blocking_by_kind={VIRTUAL_MACHINE_OPERATION.name: DENY_OR_WAIT},
    documented=True,
)
DISK_DELETING: Final = Code(
    "DiskDeleting",
    "The disk is being deleted",
    "A disk that is on its way out never becomes ready again.",
    "Name another disk.",
    "VirtualDisk linux-vm-root is being deleted; use a disk that stays: kubectl get vd",
    blocking=DENY,
)
MACHINE_DELETING: Final = Code(
    "MachineDeleting",
    "The machine is being deleted",
    "A machine that is on its way out never becomes ready again.",
    "Name another machine.",
    "VirtualMachine linux-vm is being deleted; name another: kubectl get vm",
    blocking=DENY,
)
DISK_NOT_READY: Final = Code(
    "DiskNotReady",
    "The disk is not ready",
    "There is nothing complete to capture until the disk is in phase Ready.",
    "Wait until the disk is Ready.",
    "VirtualDisk linux-vm-root is Failed, not Ready; see why: kubectl describe vd linux-vm-root",
    blocking=WAIT_OR_DENY,
    blocking_by_kind={VIRTUAL_MACHINE_SNAPSHOT.name: DENY_OR_WAIT, VIRTUAL_MACHINE_OPERATION.name: DENY_OR_WAIT},
    documented=True,
)
DISK_RESIZING: Final = Code(
    "DiskResizing",
    "The disk is being resized",
    "A snapshot taken in the middle of a resize has neither the old size nor the new one.",
    "Wait until the resize is over.",
    "VirtualDisk linux-vm-root is being resized from 10Gi to 20Gi; wait: kubectl wait vd/linux-vm-root "
    "--for=jsonpath={.status.phase}=Ready",
    blocking=DENY_OR_WAIT,
    documented=True,
)
DISK_SHARED_BY_MACHINES: Final = Code(
    "DiskSharedByMachines",
    "Several machines have the disk",
    "Freezing or stopping one machine leaves the others writing, so the data cannot be consistent.",
    "Stop all machines but one or detach the disk from them, or set spec.requiredConsistency: false.",
    "VirtualDisk linux-vm-root is shared by several machines: one, two; stop or detach all but one, or set "
    "spec.requiredConsistency: false",
    blocking=DENY,
    advisory=WARN,
    advisory_when="requiredConsistency: false",
)
VOLUME_NOT_BOUND: Final = Code(
    "VolumeNotBound",
    "The disk has no volume yet",
    "There is nothing to capture before the disk's claim is bound; a disk that waits for its first consumer gets its "
    "volume when a machine starts with it.",
    "Start a machine with the disk, or wait.",
    "VirtualDisk linux-vm-root has no volume until a machine starts with it; start a machine that uses it",
    blocking=WAIT_OR_DENY,
    blocking_by_kind={VIRTUAL_MACHINE_OPERATION.name: DENY_OR_WAIT},
)
VOLUME_SNAPSHOT_CLASS_MISSING: Final = Code(
    "VolumeSnapshotClassMissing",
    "The disk's storage cannot take snapshots",
    "No VolumeSnapshotClass names the CSI driver that holds the disk.",
    "Ask the cluster's administrator for a VolumeSnapshotClass of that driver.",
    "the storage of VirtualDisk linux-vm-root (csi.example.com) has no VolumeSnapshotClass; ask an administrator to "
    "add one",
    blocking=DENY_OR_WAIT,
)
CONSISTENCY_UNAVAILABLE: Final = Code(
    "ConsistencyUnavailable",
    "A consistent snapshot is not possible now",
    "The machine is on and its guest agent cannot freeze the file systems.",
    "Stop the machine, install qemu-guest-agent in the guest, or set spec.requiredConsistency: false.",
    "VirtualMachine linux-vm is Running and cannot be frozen, its guest agent is not ready; stop the machine, run "
    "qemu-guest-agent in it, or set spec.requiredConsistency: false",
    blocking=DENY_OR_WAIT,
    documented=True,
)
CONSISTENCY_NOT_GUARANTEED: Final = Code(
    "ConsistencyNotGuaranteed",
    "The snapshot may be inconsistent",
    "The machine writes while the snapshot is taken. File systems may need a repair after recovery.",
    "Remove requiredConsistency: false from the manifest to have the guest frozen first.",
    "VirtualMachine linux-vm is Running, the snapshot may be inconsistent; remove requiredConsistency: false to "
    "freeze it first",
    advisory=WARN,
    documented=True,
)
MACHINE_PHASE_UNSUITABLE: Final = Code(
    "MachinePhaseUnsuitable",
    "The machine is on its way from one state to another",
    "A machine is captured while it is Running or Stopped, and restored while it is Running, Stopped or Pending.",
    "Wait until the machine is Running or Stopped.",
    "VirtualMachine linux-vm is Starting, neither Running nor Stopped; wait, or see why: kubectl describe vm linux-vm",
    blocking=DENY_OR_WAIT,
)
IMAGES_NOT_SAVED: Final = Code(
    "ImagesNotSaved",
    "Images are not part of the snapshot",
    "A restored machine stays Pending while an image it refers to is missing.",
    "Detach images before the snapshot, or keep them for as long as the snapshot.",
    "images are not saved: VirtualImage iso; detach them first, or keep them for restoring",
    advisory=WARN,
    documented=True,
)
PENDING_CHANGES_INCLUDED: Final = Code(
    "PendingChangesIncluded",
    "Changes that await a restart are included",
    "The snapshot saves the machine's settings as they are written, not as the machine runs now.",
    "Undo the changes to leave them out, or restart the machine so that it runs with what is saved.",
    "changes of VirtualMachine linux-vm that await a restart are saved too; undo what is not meant",
    advisory=WARN,
    documented=True,
)
SEVERAL_DRIVERS: Final = Code(
    "SeveralDrivers",
    "The disks are on several storage systems",
    "Their snapshots are not taken at one instant unless the guest is frozen or off.",
    "Keep disks that belong together on one storage class.",
    "disks on 2 storage systems are not captured at one instant: csi.example.com, slow.example.com; keep disks that "
    "belong together on one",
    advisory=WARN,
)
DERIVED_NAME_TOO_LONG: Final = Code(
    "DerivedNameTooLong",
    "A name made from this one would be too long",
    "Each disk's snapshot is named after the disk and the machine snapshot's uid; names end at 253 characters.",
    "Recreate the disk under a name of at most 216 characters.",
    "the name of VirtualDisk linux-vm-root-with-a-name-of-more-than-216-characters is too long to make the name of "
    "its snapshot from it; recreate the disk under a name of at most 216 characters",
    blocking=DENY,
)
