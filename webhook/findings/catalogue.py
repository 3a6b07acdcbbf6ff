"""The table of codes. A code never changes its meaning after the first release; names of new ones are CamelCase."""

from __future__ import annotations

from typing import Final

from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.findings.actions import DENY, DENY_OR_WAIT, WAIT_OR_DENY, WARN
from webhook.findings.code import Code
from webhook.findings.deletion import RESTORE_INTERRUPTED, SNAPSHOT_IN_USE
from webhook.findings.dependencies import (
    ADDRESS_BECOMES_STATIC,
    ADDRESS_NOT_READY,
    ATTACHMENT_NOT_READY,
    CLASS_NOT_FOUND,
    IMAGE_NOT_READY,
    MAC_ADDRESS_NOT_READY,
    PROVISIONING_SECRET_NOT_FOUND,
)

DISK_NOT_FOUND: Final = Code(
    "DiskNotFound",
    "The disk does not exist",
    "The snapshot is taken when a disk of this name appears in the namespace.",
    "Check the name, or create the disk.",
    blocking=WAIT_OR_DENY,
    documented=True,
)
MACHINE_NOT_FOUND: Final = Code(
    "MachineNotFound",
    "The machine does not exist",
    "The snapshot is taken when a machine of this name appears in the namespace.",
    "Check the name, or create the machine.",
    blocking=WAIT_OR_DENY,
)
DISK_DELETING: Final = Code(
    "DiskDeleting",
    "The disk is being deleted",
    "A disk that is on its way out never becomes ready again.",
    "Name another disk.",
    blocking=DENY,
)
MACHINE_DELETING: Final = Code(
    "MachineDeleting",
    "The machine is being deleted",
    "A machine that is on its way out never becomes ready again.",
    "Name another machine.",
    blocking=DENY,
)
DISK_NOT_READY: Final = Code(
    "DiskNotReady",
    "The disk is not ready",
    "There is nothing complete to capture until the disk is in phase Ready.",
    "Wait until the disk is Ready.",
    blocking=WAIT_OR_DENY,
    blocking_by_kind={VIRTUAL_MACHINE_SNAPSHOT.name: DENY_OR_WAIT},
    documented=True,
)
DISK_RESIZING: Final = Code(
    "DiskResizing",
    "The disk is being resized",
    "A snapshot taken in the middle of a resize has neither the old size nor the new one.",
    "Wait until the resize is over.",
    blocking=DENY_OR_WAIT,
    documented=True,
)
DISK_SHARED_BY_MACHINES: Final = Code(
    "DiskSharedByMachines",
    "Several machines have the disk",
    "Freezing or stopping one machine leaves the others writing, so the data cannot be consistent.",
    "Stop all machines but one or detach the disk from them, or set spec.requiredConsistency: false.",
    blocking=DENY,
    advisory=WARN,
)
VOLUME_NOT_BOUND: Final = Code(
    "VolumeNotBound",
    "The disk has no volume yet",
    "There is nothing to capture before the disk's claim is bound; a disk that waits for its first consumer gets its "
    "volume when a machine starts with it.",
    "Start a machine with the disk, or wait.",
    blocking=WAIT_OR_DENY,
)
VOLUME_SNAPSHOT_CLASS_MISSING: Final = Code(
    "VolumeSnapshotClassMissing",
    "The disk's storage cannot take snapshots",
    "No VolumeSnapshotClass names the CSI driver that holds the disk.",
    "Ask the cluster's administrator for a VolumeSnapshotClass of that driver.",
    blocking=DENY_OR_WAIT,
)
CONSISTENCY_UNAVAILABLE: Final = Code(
    "ConsistencyUnavailable",
    "A consistent snapshot is not possible now",
    "The machine is on and its guest agent cannot freeze the file systems.",
    "Stop the machine, install qemu-guest-agent in the guest, or set spec.requiredConsistency: false.",
    blocking=DENY_OR_WAIT,
    documented=True,
)
CONSISTENCY_NOT_GUARANTEED: Final = Code(
    "ConsistencyNotGuaranteed",
    "The snapshot may be inconsistent",
    "The machine writes while the snapshot is taken. File systems may need a repair after recovery.",
    "Remove requiredConsistency: false from the manifest to have the guest frozen first.",
    advisory=WARN,
    documented=True,
)
MACHINE_PHASE_UNSUITABLE: Final = Code(
    "MachinePhaseUnsuitable",
    "The machine is neither running nor stopped",
    "A machine is captured while it is Running or Stopped, not on its way from one to the other.",
    "Wait until the machine is Running or Stopped.",
    blocking=DENY_OR_WAIT,
)
IMAGES_NOT_SAVED: Final = Code(
    "ImagesNotSaved",
    "Images are not part of the snapshot",
    "A restored machine stays Pending while an image it refers to is missing.",
    "Detach images before the snapshot, or keep them for as long as the snapshot.",
    advisory=WARN,
    documented=True,
)
PENDING_CHANGES_INCLUDED: Final = Code(
    "PendingChangesIncluded",
    "Changes that await a restart are included",
    "The snapshot saves the machine's settings as they are written, not as the machine runs now.",
    "Undo the changes to leave them out, or restart the machine so that it runs with what is saved.",
    advisory=WARN,
    documented=True,
)
SEVERAL_DRIVERS: Final = Code(
    "SeveralDrivers",
    "The disks are on several storage systems",
    "Their snapshots are not taken at one instant unless the guest is frozen or off.",
    "Keep disks that belong together on one storage class.",
    advisory=WARN,
)
DERIVED_NAME_TOO_LONG: Final = Code(
    "DerivedNameTooLong",
    "A name made from this one would be too long",
    "Each disk's snapshot is named after the disk and the machine snapshot's uid; names end at 253 characters.",
    "Recreate the disk under a name of at most 216 characters.",
    blocking=DENY,
)
SPEC_IMMUTABLE: Final = Code(
    "SpecImmutable",
    "The spec cannot change",
    "A snapshot is the state of one moment, and an operation is done once; neither can be edited into another.",
    "Create another snapshot or operation.",
    blocking=DENY,
)
SCHEMA_INVALID: Final = Code(
    "SchemaInvalid",
    "The object does not have the shape of its kind",
    "A field is missing or has the wrong type.",
    "Compare it with `kubectl explain`.",
    blocking=DENY,
)

CATALOGUE: Final[tuple[Code, ...]] = (
    ADDRESS_BECOMES_STATIC,
    ADDRESS_NOT_READY,
    ATTACHMENT_NOT_READY,
    CLASS_NOT_FOUND,
    CONSISTENCY_NOT_GUARANTEED,
    CONSISTENCY_UNAVAILABLE,
    DERIVED_NAME_TOO_LONG,
    DISK_DELETING,
    DISK_NOT_FOUND,
    DISK_NOT_READY,
    DISK_RESIZING,
    DISK_SHARED_BY_MACHINES,
    IMAGE_NOT_READY,
    IMAGES_NOT_SAVED,
    MAC_ADDRESS_NOT_READY,
    MACHINE_DELETING,
    MACHINE_NOT_FOUND,
    MACHINE_PHASE_UNSUITABLE,
    PENDING_CHANGES_INCLUDED,
    PROVISIONING_SECRET_NOT_FOUND,
    RESTORE_INTERRUPTED,
    SCHEMA_INVALID,
    SEVERAL_DRIVERS,
    SNAPSHOT_IN_USE,
    SPEC_IMMUTABLE,
    VOLUME_NOT_BOUND,
    VOLUME_SNAPSHOT_CLASS_MISSING,
)
