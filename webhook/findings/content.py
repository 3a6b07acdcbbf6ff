"""Codes about the Secret in which a snapshot keeps its machine."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY
from webhook.findings.code import Code

SNAPSHOT_CONTENT_PROTECTED: Final = Code(
    "SnapshotContentProtected",
    "The Secret is part of a snapshot",
    "It holds the saved machine. Whoever writes to it decides what is restored; without it nothing is.",
    "Delete the VirtualMachineSnapshot, and the Secret goes with it.",
    "the Secret holds the machine that VirtualMachineSnapshot before-upgrade saved; "
    "delete the snapshot instead: kubectl delete vmsnapshot before-upgrade",
    blocking=DENY,
    fixed=True,
)
