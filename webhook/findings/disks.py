"""Codes about disks: made from a snapshot, or changed while one is taken."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY, WARN
from webhook.findings.code import Code

DISK_SMALLER_THAN_SNAPSHOT: Final = Code(
    "DiskSmallerThanSnapshot",
    "The disk is smaller than its source",
    "The data of the snapshot does not fit on a disk that is smaller than the original.",
    "Ask for the size of the original disk or more, or leave the size out.",
    "5Gi is less than the 10Gi of VirtualDiskSnapshot linux-vm-root-1728027905; set "
    "spec.persistentVolumeClaim.size: 10Gi",
    blocking=DENY,
    documented=True,
)
STORAGE_DRIVER_DIFFERS: Final = Code(
    "StorageDriverDiffers",
    "Another storage system cannot read the snapshot",
    "The data of a snapshot stays with the CSI driver that took it, and only that driver makes a volume of it.",
    "Name the storage class of the original disk.",
    "StorageClass slow is of driver slow.example.com, the snapshot of csi.example.com; set storageClassName: "
    "csi.example.com",
    blocking=DENY,
)
STORAGE_CLASS_DIFFERS: Final = Code(
    "StorageClassDiffers",
    "The storage class is not that of the original",
    "The driver is the same, but drivers need not support a snapshot of one class becoming a volume of another.",
    "Name the storage class of the original disk.",
    "the original disk has StorageClass csi.example.com, this one thin; set storageClassName: csi.example.com",
    advisory=WARN,
    documented=True,
)
DISK_SOURCE_IMMUTABLE: Final = Code(
    "DiskSourceImmutable",
    "The disk already has its data",
    "A data source is read once, when the disk is provisioned. Changing it afterwards brings nothing back.",
    "Delete the disk first, or recover the snapshot under another name.",
    "VirtualDisk linux-vm-root is Ready and cannot get another dataSource; "
    "recover under another name, or delete it first: kubectl delete vd linux-vm-root",
    blocking=DENY,
)
DISK_BEING_SNAPSHOTTED: Final = Code(
    "DiskBeingSnapshotted",
    "A snapshot of the disk is being taken",
    "A disk that is resized meanwhile makes the snapshot fail.",
    "Change the size when the snapshot is Ready.",
    "VirtualDiskSnapshot nightly of the disk is InProgress; wait: kubectl wait vdsnapshot/nightly "
    "--for=jsonpath={.status.phase}=Ready",
    blocking=DENY,
)
