"""Codes about data that leaves the cluster."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY_OR_WAIT
from webhook.findings.code import Code

EXPORT_TARGET_IN_USE: Final = Code(
    "ExportTargetInUse",
    "The disk to be exported is in use",
    "What is read from a disk while a machine writes to it is no state the disk was ever in.",
    "Stop the machine, or export a snapshot of the disk.",
    "VirtualDisk linux-vm-root is in use by VirtualMachine linux-vm (Running); stop it first: d8 v stop linux-vm",
    blocking=DENY_OR_WAIT,
    documented=True,
)
