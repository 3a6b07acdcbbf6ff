"""The platform's page on snapshots, sentence by sentence: each precondition and warning has a rule."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path
from typing import Final

import pytest

import webhook.rules
from webhook.findings.catalogue import CATALOGUE, CODES

SENTENCES: Final = {
    "a consistent snapshot can be created when the virtual machine is turned off or qemu-guest-agent is installed": {
        "ConsistencyUnavailable"
    },
    "requiredConsistency: false: file system integrity issues may occur": {"ConsistencyNotGuaranteed"},
    "a disk snapshot can be created when the disk is not attached, the VM is powered off, or the VM is running and "
    "frozen by its agent": {"ConsistencyUnavailable"},
    "Pending: waiting for all dependent resources required for snapshot creation to be ready": {
        "DiskNotFound",
        "DiskNotReady",
        "MachineNotFound",
    },
    "specify a size that is the same or larger than the size of the original disk": {"DiskSmallerThanSnapshot"},
    "enter the StorageClass of the original disk": {"StorageClassDiffers"},
    "it is recommended to disconnect all images before creating the snapshot": {"ImagesNotSaved"},
    "creating a snapshot fails if not all dependencies of the virtual machine are ready": {
        "AddressNotReady",
        "AttachmentNotReady",
        "ClassNotFound",
        "DiskNotReady",
        "ImageNotReady",
        "MacAddressNotReady",
        "ProvisioningSecretNotFound",
    },
    "creating a snapshot fails if there is a disk in the process of resizing among the dependent devices": {
        "DiskResizing"
    },
    "pending VM changes awaiting a restart: the snapshot will include the updated VM configuration": {
        "PendingChangesIncluded"
    },
    "the dynamic IP address of the VM is automatically converted to a static IP address": {"AddressBecomesStatic"},
    "the VM to be restored exists, and its uid matches the identifier used when creating the snapshot": {
        "MachineNotFound",
        "MachineUIDMismatch",
    },
    "the disks to be restored are either not attached to other VMs or do not exist": {"DiskUsedByAnotherMachine"},
    "the IP address to be restored is either not used by any other VM or does not exist": {
        "AddressUsedByAnotherMachine"
    },
    "the MAC addresses to be restored are either not used by any other VMs or do not exist": {
        "MacAddressUsedByAnotherMachine"
    },
    "when restoring from an inconsistent snapshot, file system integrity issues may occur": {"SnapshotInconsistent"},
    "if VirtualMachineClass, VirtualImage or ClusterVirtualImage are missing, the VM remains in the Pending state": {
        "ClassMissing",
        "ImageMissing",
    },
    "it is not recommended to cancel the restore operation in the InProgress phase": {"RestoreInterrupted"},
    "the cloned VM will be assigned a new IP address and MAC addresses": {"NewNetworkIdentity"},
    "the resources of the new VM must have unique names": {"NameTaken", "NoRenaming"},
    "Strict mode requires all resources with new names and their dependencies to be present": {
        "ClassMissing",
        "ImageMissing",
        "NameTaken",
    },
    "before cloning, the source VM must be powered off": {"SourceMachineRunning"},
    "set runPolicy: AlwaysOff to prevent the VM clone from starting automatically": {"CloneWillStart"},
    "before cloning, prepare the guest OS to avoid conflicts with unique identifiers": {"GuestIdentityShared"},
    "the disk must not be in use at the time of export; its VM must be stopped first": {"ExportTargetInUse"},
}
"""What is asked or warned of (shortened), and the codes that say it."""


@cache
def codes_with_a_rule() -> frozenset[str]:
    """Those whose constants some module of webhook.rules uses, beyond importing them."""
    constants = {ast_name(code.name): code.name for code in CATALOGUE}
    used = set()
    for path in Path(webhook.rules.__path__[0]).glob("**/*.py"):
        tree = ast.parse(path.read_text())
        used |= {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}
        used |= {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return frozenset(constants[name] for name in used if name in constants)


def ast_name(code: str) -> str:
    words = "".join(f"_{each}" if each.isupper() else each for each in code.replace("UID", "Uid"))
    return words.removeprefix("_").upper()


@pytest.mark.parametrize("sentence", SENTENCES)
def test_sentence_of_the_page_has_a_rule(sentence: str) -> None:
    assert SENTENCES[sentence] <= codes_with_a_rule()


def test_what_the_catalogue_calls_documented_is_what_the_page_states() -> None:
    stated = {code for codes in SENTENCES.values() for code in codes}
    assert stated == {code.name for code in CODES.values() if code.documented}
