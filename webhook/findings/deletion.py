"""Codes about what a deletion would break."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY, WARN
from webhook.findings.code import Code

SNAPSHOT_IN_USE: Final = Code(
    "SnapshotInUse",
    "The snapshot is in use",
    "An operation or a disk that is being made of it could not be completed without it.",
    "Wait until its user is done, or delete the user first.",
    "VirtualMachineOperation restore (InProgress) still needs VirtualMachineSnapshot before-upgrade; wait: kubectl "
    "wait vmop/restore --for=jsonpath={.status.phase}=Completed",
    blocking=DENY,
)
RESTORE_INTERRUPTED: Final = Code(
    "RestoreInterrupted",
    "The restore is under way",
    "A restore that is cancelled can leave its machine with some disks replaced and others not.",
    "Let the operation finish before it is deleted.",
    "this may leave VirtualMachine linux-vm half restored; better let the restore finish",
    advisory=WARN,
    documented=True,
)
