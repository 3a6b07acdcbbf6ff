"""Whether a disk that an operation has made will do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from webhook.api.meta import condition
from webhook.api.virtual_disk import ConditionType, Phase, ReadyReason, VirtualDisk
from webhook.reconciler.clock import parse_time
from webhook.reconciler.settings import ReconcilerSettings

_REFUSED: Final = frozenset({ReadyReason.QUOTA_EXCEEDED, ReadyReason.PROVISIONING_FAILED})


@dataclass(frozen=True, slots=True)
class Need:
    """The disks that a machine cannot run without, and since when it is to run: none may wait for its first consumer
    any more."""

    since: datetime | None = None
    disks: frozenset[str] = frozenset()

    def of(self, disk: VirtualDisk) -> datetime | None:
        return self.since if disk.metadata.name in self.disks else None


NO_NEED: Final = Need()


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


def why_it_failed(
    disk: VirtualDisk, now: datetime, settings: ReconcilerSettings, *, needed_since: datetime | None = None
) -> str:
    """Why it will never be usable, or not in a time that anyone should wait; `""` while it may be.

    `needed_since`: when the machine was let go that consumes it; None while a disk may wait for its first consumer.
    """
    if is_usable(disk, consumed=needed_since is not None):
        return ""
    name, told = disk.metadata.name, condition(disk.status.conditions, ConditionType.READY)
    why = told.message if told is not None and told.message else "no reason given"
    if disk.status.phase == Phase.FAILED:
        return f"VirtualDisk {name} could not be made: {why}"
    left = seconds_left(disk, now, settings, needed_since=needed_since)
    if left is not None and left <= 0:
        return f"VirtualDisk {name} did not get its volume in {_patience(disk, settings):.0f} seconds: {why}"
    return ""


def seconds_left(
    disk: VirtualDisk, now: datetime, settings: ReconcilerSettings, *, needed_since: datetime | None = None
) -> float | None:
    """Until one gives it up, since it has been in this very state; None when it needs no more time.

    One that is needed has no more than the whole time, through all its states: storage that refuses a volume sends its
    disk back to wait for a consumer, again and again.
    """
    if is_usable(disk, consumed=needed_since is not None):
        return None
    told = condition(disk.status.conditions, ConditionType.READY)
    since = told.last_transition_time if told is not None else disk.metadata.creation_timestamp
    left = _patience(disk, settings) - (now - parse_time(since)).total_seconds()
    if needed_since is None:
        return left
    in_all = settings.new_volume_deadline_seconds - (now - needed_since).total_seconds()
    waits = disk.status.phase == Phase.WAIT_FOR_FIRST_CONSUMER
    return in_all if waits else min(left, in_all)


def _patience(disk: VirtualDisk, settings: ReconcilerSettings) -> float:
    told = condition(disk.status.conditions, ConditionType.READY)
    refused = disk.status.phase == Phase.PENDING and told is not None and told.reason in _REFUSED
    return settings.refused_volume_grace_seconds if refused else settings.new_volume_deadline_seconds
