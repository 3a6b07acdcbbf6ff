"""Whether a disk that an operation has made will do."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from webhook.api.meta import condition
from webhook.api.virtual_disk import ConditionType, Phase, ReadyReason, VirtualDisk
from webhook.reconciler.clock import parse_time
from webhook.reconciler.settings import ReconcilerSettings

_REFUSED: Final = frozenset({ReadyReason.QUOTA_EXCEEDED, ReadyReason.PROVISIONING_FAILED})


def is_usable(disk: VirtualDisk, *, consumed: bool = False) -> bool:
    waits = disk.status.phase == Phase.WAIT_FOR_FIRST_CONSUMER and not consumed
    return disk.status.phase == Phase.READY or waits


def state_of(disk: VirtualDisk | None) -> str:
    """For `status.resources`: its phase, and why it is no better."""
    if disk is None:
        return ""
    told = condition(disk.status.conditions, ConditionType.READY)
    why = told.message if told is not None and not told.true else ""
    return f"{disk.status.phase}: {why}" if why else disk.status.phase


def why_it_failed(disk: VirtualDisk, now: datetime, settings: ReconcilerSettings) -> str:
    """Why it will never be usable, or not in a time that anyone should wait; `""` while it may be."""
    if is_usable(disk):
        return ""
    name, told = disk.metadata.name, condition(disk.status.conditions, ConditionType.READY)
    why = told.message if told is not None and told.message else "no reason given"
    if disk.status.phase == Phase.FAILED:
        return f"VirtualDisk {name} could not be made: {why}"
    left = seconds_left(disk, now, settings)
    if left is not None and left <= 0:
        return f"VirtualDisk {name} did not get its volume in {_patience(disk, settings):.0f} seconds: {why}"
    return ""


def seconds_left(disk: VirtualDisk, now: datetime, settings: ReconcilerSettings) -> float | None:
    """Until one gives it up, since it has been in this very state; None when it needs no more time."""
    if is_usable(disk):
        return None
    told = condition(disk.status.conditions, ConditionType.READY)
    since = told.last_transition_time if told is not None else disk.metadata.creation_timestamp
    return _patience(disk, settings) - (now - parse_time(since)).total_seconds()


def _patience(disk: VirtualDisk, settings: ReconcilerSettings) -> float:
    told = condition(disk.status.conditions, ConditionType.READY)
    refused = disk.status.phase == Phase.PENDING and told is not None and told.reason in _REFUSED
    return settings.refused_volume_grace_seconds if refused else settings.new_volume_deadline_seconds
