"""The kinds that the reconciler looks after, and what looks after each."""

from __future__ import annotations

from collections.abc import Mapping

from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.controller import Reconcile
from webhook.reconciler.kinds.disk_snapshot import DiskSnapshots
from webhook.reconciler.kinds.machine_snapshot import MachineSnapshots
from webhook.reconciler.kinds.operations import machine_operations, snapshot_operations
from webhook.reconciler.kinds.virtual_disk import Disks


def reconcilers(cluster: Cluster) -> Mapping[str, Reconcile]:
    """By the name of the kind."""
    return {
        VIRTUAL_DISK.name: Disks(cluster).reconcile,
        VIRTUAL_DISK_SNAPSHOT.name: DiskSnapshots(cluster).reconcile,
        VIRTUAL_MACHINE_SNAPSHOT.name: MachineSnapshots(cluster).reconcile,
        VIRTUAL_MACHINE_OPERATION.name: machine_operations(cluster).reconcile,
        VIRTUAL_MACHINE_SNAPSHOT_OPERATION.name: snapshot_operations(cluster).reconcile,
    }
