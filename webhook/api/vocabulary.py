"""Finalizers, annotations and labels of the platform's API group (`platform-api` facts, section 5)."""

from __future__ import annotations

from typing import Final

from webhook.api.virtualization import GROUP

DISK_SNAPSHOT_CLEANUP: Final = f"{GROUP}/vdsnapshot-cleanup"
"""Finalizer of a VirtualDiskSnapshot: its VolumeSnapshot is removed and the guest thawed first."""
VOLUME_SNAPSHOT_PROTECTION: Final = f"{GROUP}/vdsnapshot-protection"
"""Finalizer of the VolumeSnapshot: nobody deletes the data from under a VirtualDiskSnapshot."""
MACHINE_SNAPSHOT_PROTECTION: Final = f"{GROUP}/vmsnapshot-protection"
"""Finalizer of a VirtualMachineSnapshot: it may hold a guest frozen. The platform declares it and never applies it."""

DISK_CLEANUP: Final = f"{GROUP}/vd-cleanup"
"""Finalizer of a VirtualDisk: its claim is removed first."""
DISK_PROTECTION: Final = f"{GROUP}/vd-protection"
"""Finalizer of the claim: nobody deletes the data from under a VirtualDisk."""

DISK_ACCESS_MODE: Final = f"virtualdisk.{GROUP}/access-mode"
DISK_VOLUME_MODE: Final = f"virtualdisk.{GROUP}/volume-mode"
"""What a VirtualDisk, or else a StorageClass, asks of the claims of disks."""

STORAGE_CLASS_NAME: Final = f"{GROUP}/storage-class-name"
LEGACY_STORAGE_CLASS_NAME: Final = "storageClass"
"""What older snapshots carry instead."""
VOLUME_MODE: Final = f"{GROUP}/volume-mode"
LEGACY_VOLUME_MODE: Final = "volumeMode"
ACCESS_MODE: Final = f"{GROUP}/access-mode"
LEGACY_ACCESS_MODE: Final = "accessModes"
DISK_ORIGINAL_ANNOTATIONS: Final = f"{GROUP}/vd-original-annotations"
DISK_ORIGINAL_LABELS: Final = f"{GROUP}/vd-original-labels"
DISK_ORIGINAL_SIZE: Final = f"{GROUP}/vd-original-size"
DISK_HAD_OWNER_REFERENCE: Final = f"{GROUP}/vd-had-owner-reference"
"""`true` when a VirtualMachine owned the disk, so that a restored disk is owned again."""

RETAINED_VOLUME: Final = f"{GROUP}/retained-volume"
"""On a VirtualDisk that is put back: the PersistentVolume that holds its data, kept since the disk was deleted. Not the
platform's."""
REPLACED_VOLUME: Final = f"{GROUP}/replaced-volume"
"""On a restored VirtualDisk that has no data yet: the PersistentVolume that its predecessor had, kept until the disk
has its own or is deleted. Not the platform's."""
DISK_SELECTED_NODE: Final = f"{GROUP}/selected-node"
"""On a VirtualDisk that a restore makes anew: the node that the claim of its predecessor was provisioned for. Not the
platform's. Whoever sets it on a disk of a snapshot has its volume made before a machine starts with it, on a node of
his choice, which is what a claim and a pod of his would get: there is nothing to protect."""
KEPT_RECLAIM_POLICY: Final = f"{GROUP}/kept-reclaim-policy"
"""On a PersistentVolume that was set to Retain for as long as its disk may have to be put back: what it was before. Not
the platform's."""

OPERATION_CLEANUP: Final = f"{GROUP}/vmop-cleanup"
"""Finalizer of a VirtualMachineOperation that has begun: what it took is given back first."""
SNAPSHOT_OPERATION_CLEANUP: Final = f"{GROUP}/vmsop-cleanup"
OPERATION_UID: Final = f"{GROUP}/vmop-uid"
"""On the temporary snapshot of a clone, and on a machine in maintenance: the operation that it is for."""
OPERATION_SNAPSHOT_NAME: Final = f"{GROUP}/vmop-snapshot-name"
"""On a clone: its temporary snapshot."""
RESTORE_POWER_STATE: Final = f"{GROUP}/restore-power-state"
"""On a machine during a restore: `Running` or `Stopped`, as it is to be afterwards."""
DELETED_BY: Final = f"{GROUP}/vmoprestoredeleted"
"""uid of the restore that deletes the object to make it anew."""
MACHINE_UID: Final = f"{GROUP}/virtual-machine-uid"
"""Label of what belongs to a machine."""
RESTORED_BY: Final = f"{GROUP}/vmoprestore"
"""uid of the operation that made or overwrote the object: its own work, for whoever comes after a crash."""

LAST_APPLIED_CONFIGURATION: Final = "kubectl.kubernetes.io/last-applied-configuration"
