"""The status of a disk until it is first Ready."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Final

import msgspec

from webhook.api.storage import PersistentVolumeClaim
from webhook.api.virtual_disk import (
    ConditionType,
    DatasourceReadyReason,
    DiskTarget,
    Phase,
    ReadyReason,
    StorageClassReadyReason,
    VirtualDisk,
    VirtualDiskStatus,
)
from webhook.findings.disks import STORAGE_DRIVER_DIFFERS
from webhook.findings.finding import Finding
from webhook.findings.restore import STORAGE_CLASS_MISSING
from webhook.findings.snapshot_source import (
    SNAPSHOT_DATA_MISSING,
    SNAPSHOT_FAILED,
    SNAPSHOT_NOT_FOUND,
    SNAPSHOT_NOT_READY,
)
from webhook.reconciler.status.conditions import with_condition
from webhook.reconciler.status.snapshot import message_of

_SOURCE_CODES: Final = frozenset(
    code.name for code in (SNAPSHOT_NOT_FOUND, SNAPSHOT_NOT_READY, SNAPSHOT_FAILED, SNAPSHOT_DATA_MISSING)
)
_REASONS: Final = {
    SNAPSHOT_NOT_FOUND.name: ReadyReason.DATASOURCE_IS_NOT_FOUND,
    SNAPSHOT_NOT_READY.name: ReadyReason.DATASOURCE_IS_NOT_READY,
    STORAGE_CLASS_MISSING.name: ReadyReason.STORAGE_CLASS_IS_NOT_READY,
    STORAGE_DRIVER_DIFFERS.name: ReadyReason.STORAGE_CLASS_PROVISIONER_MISMATCH,
}
"""Of the condition Ready, by the code that holds the disk up; ProvisioningFailed for the others."""


def disk_in_phase(
    disk: VirtualDisk, phase: Phase, reason: ReadyReason, message: str, now: datetime, **members: Any
) -> VirtualDiskStatus:
    """Source and class are as they have to be; other members of the status are set as they are given."""
    return _status(disk, phase, reason, message, now, source="", storage_class="", **members)


def disk_held_up(disk: VirtualDisk, phase: Phase, findings: tuple[Finding, ...], now: datetime) -> VirtualDiskStatus:
    """Pending or Failed because of findings, the first of which gives the reason."""
    return _status(
        disk,
        phase,
        _REASONS.get(findings[0].code, ReadyReason.PROVISIONING_FAILED),
        message_of(findings),
        now,
        source=message_of(_of(findings, _SOURCE_CODES)),
        storage_class=message_of(_of(findings, {STORAGE_CLASS_MISSING.name})),
        progress="0%",
    )


def following(claim: PersistentVolumeClaim) -> dict[str, Any]:
    """What a disk's status says of its claim."""
    return {
        "target": DiskTarget(claim.metadata.name),
        "storage_class_name": claim.spec.storage_class_name,
        "capacity": claim.granted,
    }


def _status(
    disk: VirtualDisk,
    phase: Phase,
    reason: ReadyReason,
    message: str,
    now: datetime,
    *,
    source: str,
    storage_class: str,
    **members: Any,
) -> VirtualDiskStatus:
    """`source` and `storage_class` say what is wrong with them; `""` when nothing is."""
    generation, conditions = disk.metadata.generation, disk.status.conditions
    for type_, good, bad, wrong in (
        (
            ConditionType.STORAGE_CLASS_READY,
            StorageClassReadyReason.STORAGE_CLASS_READY,
            StorageClassReadyReason.STORAGE_CLASS_NOT_READY,
            storage_class,
        ),
        (
            ConditionType.DATASOURCE_READY,
            DatasourceReadyReason.DATASOURCE_READY,
            DatasourceReadyReason.VIRTUAL_DISK_SNAPSHOT_NOT_READY,
            source,
        ),
    ):
        conditions = with_condition(
            conditions,
            type=type_,
            status=not wrong,
            reason=bad if wrong else good,
            message=wrong,
            generation=generation,
            now=now,
        )
    conditions = with_condition(
        conditions,
        type=ConditionType.READY,
        status=phase is Phase.READY,
        reason=reason,
        message=message,
        generation=generation,
        now=now,
    )
    changes = {"phase": phase, "conditions": conditions, "observed_generation": generation, **members}
    return msgspec.structs.replace(disk.status, **changes)


def _of(findings: Iterable[Finding], codes: Iterable[str]) -> list[Finding]:
    wanted = set(codes)
    return [finding for finding in findings if finding.code in wanted]
