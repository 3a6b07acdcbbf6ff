"""The status of a snapshot, of a disk or of a machine: the same phases under different names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, TypeVar

import msgspec

from webhook.api import virtual_disk_snapshot as disk_api
from webhook.api import virtual_machine_snapshot as machine_api
from webhook.api.virtual_disk_snapshot import Phase, VirtualDiskSnapshot
from webhook.api.virtual_machine_snapshot import VirtualMachineSnapshot
from webhook.findings import snapshots
from webhook.findings.finding import Finding
from webhook.reconciler.status.conditions import with_condition

Snapshot = TypeVar("Snapshot", VirtualDiskSnapshot, VirtualMachineSnapshot)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The platform's words for one kind of snapshot."""

    source_condition: str
    source_ready: str
    source_not_ready: str
    snapshot_condition: str
    snapshot_ready: str
    snapshot_failed: str
    waiting: str
    inconsistent: str
    reasons: Mapping[str, str]
    """Reason by finding code, where it is neither about consistency nor about the source."""


DISK: Final = Vocabulary(
    source_condition=disk_api.ConditionType.VIRTUAL_DISK_READY,
    source_ready=disk_api.VirtualDiskReadyReason.VIRTUAL_DISK_READY,
    source_not_ready=disk_api.VirtualDiskReadyReason.VIRTUAL_DISK_NOT_READY_FOR_SNAPSHOTTING,
    snapshot_condition=disk_api.ConditionType.VIRTUAL_DISK_SNAPSHOT_READY,
    snapshot_ready=disk_api.VirtualDiskSnapshotReadyReason.VIRTUAL_DISK_SNAPSHOT_READY,
    snapshot_failed=disk_api.VirtualDiskSnapshotReadyReason.VIRTUAL_DISK_SNAPSHOT_FAILED,
    waiting=disk_api.VirtualDiskSnapshotReadyReason.WAITING_FOR_THE_VIRTUAL_DISK,
    inconsistent=disk_api.VirtualDiskSnapshotReadyReason.POTENTIALLY_INCONSISTENT,
    reasons={
        snapshots.VOLUME_SNAPSHOT_CLASS_MISSING.name: (
            disk_api.VirtualDiskSnapshotReadyReason.VIRTUAL_DISK_SNAPSHOT_FAILED
        ),
    },
)

MACHINE: Final = Vocabulary(
    source_condition=machine_api.ConditionType.VIRTUAL_MACHINE_READY,
    source_ready=machine_api.VirtualMachineReadyReason.VIRTUAL_MACHINE_READY,
    source_not_ready=machine_api.VirtualMachineReadyReason.VIRTUAL_MACHINE_NOT_READY_FOR_SNAPSHOTTING,
    snapshot_condition=machine_api.ConditionType.VIRTUAL_MACHINE_SNAPSHOT_READY,
    snapshot_ready=machine_api.VirtualMachineSnapshotReadyReason.VIRTUAL_MACHINE_SNAPSHOT_READY,
    snapshot_failed=machine_api.VirtualMachineSnapshotReadyReason.VIRTUAL_MACHINE_SNAPSHOT_FAILED,
    waiting=machine_api.VirtualMachineSnapshotReadyReason.WAITING_FOR_THE_VIRTUAL_MACHINE,
    inconsistent=machine_api.VirtualMachineSnapshotReadyReason.POTENTIALLY_INCONSISTENT,
    reasons={
        code.name: machine_api.VirtualMachineSnapshotReadyReason.BLOCK_DEVICES_NOT_READY
        for code in (
            snapshots.DISK_DELETING,
            snapshots.DISK_NOT_READY,
            snapshots.DISK_RESIZING,
            snapshots.VOLUME_NOT_BOUND,
            snapshots.VOLUME_SNAPSHOT_CLASS_MISSING,
        )
    },
)

NOTHING_ELSE: Final[Mapping[str, Any]] = {}

_CONSISTENCY_CODES: Final = frozenset({snapshots.CONSISTENCY_UNAVAILABLE.name, snapshots.DISK_SHARED_BY_MACHINES.name})


def reason_for(vocabulary: Vocabulary, finding: Finding) -> str:
    if finding.code in _CONSISTENCY_CODES:
        return vocabulary.inconsistent
    return vocabulary.reasons.get(finding.code, vocabulary.waiting)


def message_of(findings: Iterable[Finding]) -> str:
    return "; ".join(finding.text for finding in findings)


def in_phase(  # noqa: PLR0913 - the parts of a status, each named at the call
    snapshot: Snapshot,
    vocabulary: Vocabulary,
    phase: Phase,
    *,
    source: bool | None,
    reason: str,
    message: str,
    now: datetime,
    members: Mapping[str, Any] = NOTHING_ELSE,
) -> Any:
    """The snapshot's status in this phase, with both conditions; other members are set as they are given.

    `source` says whether the disk or machine is ready for it; None leaves that condition as it was.
    """
    status = snapshot.status
    generation = snapshot.metadata.generation
    conditions = status.conditions
    if source is not None:
        conditions = with_condition(
            conditions,
            type=vocabulary.source_condition,
            status=source,
            reason=vocabulary.source_ready if source else vocabulary.source_not_ready,
            message="" if source else message,
            generation=generation,
            now=now,
        )
    conditions = with_condition(
        conditions,
        type=vocabulary.snapshot_condition,
        status=None if phase is Phase.TERMINATING else phase is Phase.READY,
        reason=reason,
        message=message,
        generation=generation,
        now=now,
    )
    if phase is not Phase.READY:
        conditions = tuple(each for each in conditions if each.type != machine_api.ConditionType.RESTORABLE)
    changes = {"phase": phase, "conditions": conditions, "observed_generation": generation, **members}
    return msgspec.structs.replace(status, **changes)


def held_up(
    snapshot: Snapshot, vocabulary: Vocabulary, phase: Phase, findings: tuple[Finding, ...], now: datetime
) -> Any:
    """Pending or Failed because of findings, the first of which gives the reason."""
    reason = reason_for(vocabulary, findings[0])
    return in_phase(
        snapshot,
        vocabulary,
        phase,
        source=reason == vocabulary.inconsistent,
        reason=reason,
        message=message_of(findings),
        now=now,
    )
