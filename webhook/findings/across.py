"""Codes that belong to no single operation."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY, WARN
from webhook.findings.code import Code

SPEC_IMMUTABLE: Final = Code(
    "SpecImmutable",
    "The spec cannot change",
    "A snapshot is the state of one moment, and an operation is done once; neither can be edited into another.",
    "Create another snapshot or operation.",
    "the spec of VirtualDiskSnapshot snapshot cannot change after creation; create another snapshot instead",
    blocking=DENY,
    own=True,
)
SCHEMA_INVALID: Final = Code(
    "SchemaInvalid",
    "The object does not have the shape of its kind",
    "A field is missing, has the wrong type or goes with another type of operation.",
    "Compare it with `kubectl explain`.",
    "a machine cannot be started by force; remove force",
    blocking=DENY,
    own=True,
)
BLOCK_MISSING: Final = Code(
    "BlockMissing",
    "The block of settings for this type is missing",
    "Each type of operation has a block of its own with what it needs to know: restore, clone, createVirtualMachine.",
    "Add the block.",
    "type Restore needs spec.restore; set its mode and virtualMachineSnapshotName",
    blocking=DENY,
    own=True,
)
PERMISSION_MISSING: Final = Code(
    "PermissionMissing",
    "The requester may not do by hand what is asked for",
    "An operation creates, replaces or deletes objects in its author's name, who should have the right to each of "
    "them. Policy says whether a missing right warns or denies.",
    "Ask for the rights that are named, or have someone else create the operation.",
    "user jane may not delete virtualdisks linux-vm-root in namespace default; ask for a Role that allows it; to "
    "check: kubectl auth can-i delete virtualdisks/linux-vm-root -n default",
    blocking=DENY,
    advisory=WARN,
    advisory_when="permissions: warn",
    fixed=True,
)
QUOTA_WOULD_EXCEED: Final = Code(
    "QuotaWouldExceed",
    "A ResourceQuota leaves too little",
    "What the operation creates would exceed the quota of the namespace, so that disks or the machine wait for it.",
    "Have the quota raised, or free what is no longer used.",
    "30Gi of requests.storage needed, ResourceQuota team has 10Gi of 20Gi in use; free some, or ask for more",
    advisory=WARN,
)
FACT_UNKNOWN: Final = Code(
    "FactUnknown",
    "Something the decision rests on could not be read",
    "Nothing can be said to be absent or free that was not looked at, so a check stays undecided.",
    "Export the kind that is named, or ask for the right to read it.",
    "the inventory has no VirtualDisk; add to it: kubectl get vd -A -o yaml > vd.yaml",
    advisory=WARN,
)
