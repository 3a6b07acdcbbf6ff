"""What is done to a machine that was captured and written to since, and how it may end."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.support.kubectl import Json
from tests.support.machines import disk_from, disk_snapshot, machine_snapshot
from tests.support.operations import clone, created_from, restore
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

DISKS: Final = ("root",)
"""Beside one that is plugged in. How several go together is for the cluster in memory, where writes cost nothing."""
CAPTURED: Final = (*DISKS, "extra")
SAVED: Final = os.urandom(4096)
LATER: Final = os.urandom(4096)
_COPY: Final = {"nameSuffix": "-copy"}


@dataclass(frozen=True, slots=True)
class Outcome:
    bytes_of: Callable[[str], bytes]
    """What a disk holds, by its name, after the name of the disk that it was written to."""
    attached_since: bool = True
    """Whether the disk that was plugged in after the snapshot still is."""


@dataclass(frozen=True, slots=True)
class Operation:
    name: str
    kind: Kind[Any]
    body: Json
    """Of an object named `op`."""
    ends: str
    """Its last phase."""
    outcomes: tuple[Outcome, ...]
    """Which of them is told by the disk that was plugged in since."""
    captured_by: tuple[Kind[Any], Json] = (VIRTUAL_MACHINE_SNAPSHOT, machine_snapshot("snap", "vm"))
    new_disks: tuple[str, ...] = ()
    new_machines: tuple[str, ...] = ()
    new_snapshots: tuple[str, ...] = ()
    plugged_since: bool = False
    machine_off: bool = False
    refused: bool = False
    """Whether the API server refuses to give the machine its saved settings, after all."""
    cancelled: bool = False
    """Whether it is deleted as soon as the first disk is gone."""


def original(name: str) -> str:
    """The disk whose bytes a disk has."""
    return "root" if name == "op" else name.removesuffix("-copy")


def _saved(_: str) -> bytes:
    return SAVED


def _later(_: str) -> bytes:
    return LATER


def _saved_in_new_disks(name: str) -> bytes:
    return LATER if name in CAPTURED else SAVED


_RESTORED: Final = Outcome(_saved, attached_since=False)
_AS_BEFORE: Final = Outcome(_later)
_COPIES: Final = tuple(f"{name}-copy" for name in CAPTURED)

_RESTORE: Final = Operation(
    "restored",
    VIRTUAL_MACHINE_OPERATION,
    restore("op", "vm", "snap"),
    "Completed",
    (_RESTORED,),
    plugged_since=True,
)

OPERATIONS: Final = (
    Operation(
        "captured",
        VIRTUAL_MACHINE_SNAPSHOT,
        machine_snapshot("op", "vm"),
        "Ready",
        (_AS_BEFORE,),
        new_snapshots=("op",),
    ),
    Operation(
        "recovered",
        VIRTUAL_DISK,
        disk_from("op", "snap"),
        "Ready",
        (Outcome(_saved_in_new_disks),),
        captured_by=(VIRTUAL_DISK_SNAPSHOT, disk_snapshot("snap", "root")),
        new_disks=("op",),
    ),
    _RESTORE,
    replace(_RESTORE, name="undone", ends="Failed", outcomes=(_AS_BEFORE,), refused=True),
    replace(_RESTORE, name="cancelled", ends="", outcomes=(_AS_BEFORE, _RESTORED), cancelled=True),
    Operation(
        "cloned",
        VIRTUAL_MACHINE_OPERATION,
        clone("op", "vm", customization=_COPY),
        "Completed",
        (_AS_BEFORE,),
        new_disks=_COPIES,
        new_machines=("vm-copy",),
        machine_off=True,
    ),
    Operation(
        "created",
        VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
        created_from("op", "snap", customization=_COPY),
        "Completed",
        (Outcome(_saved_in_new_disks),),
        new_disks=_COPIES,
        new_machines=("vm-copy",),
    ),
)
