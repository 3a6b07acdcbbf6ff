"""Operations on machines and on snapshots of them, wired to what executes each type."""

from __future__ import annotations

from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION, CompletedReason, OperationType
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.virtual_machine_snapshot_operation import OperationType as SnapshotOperationType
from webhook.api.vocabulary import OPERATION_CLEANUP, SNAPSHOT_OPERATION_CLEANUP
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.kinds.machine_clone import MachineClones
from webhook.reconciler.kinds.machine_restore import MachineRestores
from webhook.reconciler.kinds.operation import Executor, Operations
from webhook.reconciler.kinds.snapshot_copy import SnapshotCopies
from webhook.reconciler.steps.operation_phases import OperationPhases


def machine_operations(cluster: Cluster) -> Operations:
    phases = OperationPhases(
        VIRTUAL_MACHINE_OPERATION,
        cluster,
        in_progress_reasons={
            OperationType.RESTORE: CompletedReason.RESTORE_IN_PROGRESS,
            OperationType.CLONE: CompletedReason.CLONE_IN_PROGRESS,
        },
    )
    executors: dict[str, Executor] = {
        OperationType.CLONE: MachineClones(phases, cluster),
        OperationType.RESTORE: MachineRestores(phases, cluster),
    }
    return Operations(VIRTUAL_MACHINE_OPERATION, executors, phases, cluster, finalizer=OPERATION_CLEANUP)


def snapshot_operations(cluster: Cluster) -> Operations:
    phases = OperationPhases(
        VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
        cluster,
        in_progress_reasons={SnapshotOperationType.CREATE_VIRTUAL_MACHINE: CompletedReason.CREATE_IN_PROGRESS},
    )
    executors: dict[str, Executor] = {SnapshotOperationType.CREATE_VIRTUAL_MACHINE: SnapshotCopies(phases, cluster)}
    return Operations(
        VIRTUAL_MACHINE_SNAPSHOT_OPERATION, executors, phases, cluster, finalizer=SNAPSHOT_OPERATION_CLEANUP
    )
