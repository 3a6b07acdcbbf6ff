"""What can stand in the way of a restore, its snapshot aside."""

from __future__ import annotations

from typing import Final

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.operation_changes import (
    address_elsewhere,
    attached_elsewhere,
    gone,
    image_phase,
    in_phase,
    listed_by_itself,
    mac_elsewhere,
    quota,
    recreated,
    unfinished,
    without_disks,
)
from tests.support.operation_worlds import (
    ADDRESS,
    ATTACHMENT,
    CLASS,
    IMAGE,
    IP_VALUE,
    MAC,
    USER_DATA,
    other_machine,
)
from tests.support.twins import BEST_EFFORT, EVERYWHERE, twins
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.facts.user import Access

REPLACED: Final = frozenset({"DisksWillBeReplaced"})

RESTORES: Final = (
    *twins("MachineNotFound", ("Restore",), "machine gone", wrong=gone, without=REPLACED),
    *twins(
        "MachineDeleting",
        ("Restore",),
        "machine going",
        wrong=in_phase("Terminating", deleting=True),
        also=frozenset({"MachineWillStop"}),
    ),
    *twins(
        "MachinePhaseUnsuitable",
        ("Restore",),
        "machine starting, and one that is Pending",
        wrong=in_phase("Starting"),
        also=frozenset({"MachineWillStop"}),
        right=in_phase("Pending"),
        also_right=frozenset({"MachineWillStop"}),
    ),
    *twins(
        "MachineWillStop",
        ("Restore",),
        "machine running",
        wrong=in_phase("Running"),
    ),
    *twins("MachineUIDMismatch", ("Restore",), "machine created anew", wrong=recreated),
    *twins(
        "SnapshotOfAnotherMachine",
        ("Restore",),
        "snapshot of another machine",
        wrong=lambda world: other_machine(world, phase="Stopped"),
        asked_wrong={"of": "billing"},
        without=REPLACED,
    ),
    *twins(
        "DiskUsedByAnotherMachine", ("Restore",), "disk of another", wrong=attached_elsewhere, right=listed_by_itself
    ),
    *twins(
        "DiskUsedByAnotherMachine",
        ("Restore",),
        "disk that another lists and has gone",
        wrong=lambda world: other_machine(world, disks=(DATA,), phase="Stopped"),
        right=lambda world: other_machine(world, disks=(DATA,), phase="Stopped").remove(VIRTUAL_DISK, DATA),
    ),
    *twins(
        "DiskUsedByAnotherMachine",
        ("Restore",),
        "disk that is being plugged into another",
        wrong=lambda world: other_machine(world).attachment("plug", of="billing", disk=DATA, phase="Pending"),
        right=lambda world: world.attachment("plug", of="gone", disk=DATA, phase="Pending"),
    ),
    *twins(
        "AddressUsedByAnotherMachine",
        ("Restore",),
        "address in another namespace",
        wrong=address_elsewhere,
        right=lambda world: world.remove(VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS),
    ),
    *twins(
        "AddressUsedByAnotherMachine",
        ("Restore",),
        "address object given to another machine",
        wrong=lambda world: world.ip_address(ADDRESS, of="billing", address=IP_VALUE),
    ),
    *twins(
        "MacAddressUsedByAnotherMachine",
        ("Restore",),
        "MAC address in another namespace, spelled otherwise",
        wrong=mac_elsewhere,
        right=lambda world: world.remove(VIRTUAL_MACHINE_MAC_ADDRESS, MAC),
    ),
    *twins(
        "AddressDiffersFromSaved",
        ("Restore",),
        "address object has another address",
        wrong=lambda world: world.ip_address(ADDRESS, of=MACHINE, address="10.66.10.99"),
        advises_in=EVERYWHERE,
    ),
    *twins(
        "AttachmentUsedByAnotherMachine",
        ("Restore",),
        "attachment of the saved name",
        wrong=lambda world: other_machine(world).attachment(ATTACHMENT, of="billing", disk="other"),
        right=lambda world: world.remove(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, ATTACHMENT),
    ),
    *twins(
        "SecretContentDiffers",
        ("Restore",),
        "user data edited since",
        wrong=lambda world: world.secret(USER_DATA, user_data="#other"),
        right=lambda world: world.remove(SECRET, USER_DATA),
        advises_in=BEST_EFFORT,
    ),
    *twins(
        "ImageMissing",
        ("Restore",),
        "image gone",
        wrong=lambda world: world.remove(VIRTUAL_IMAGE, IMAGE),
        right=image_phase("Provisioning"),
        advises_in=EVERYWHERE,
    ),
    *twins(
        "ClassMissing",
        ("Restore",),
        "class gone",
        wrong=lambda world: world.remove(VIRTUAL_MACHINE_CLASS, CLASS),
        advises_in=EVERYWHERE,
    ),
    *twins(
        "OperationInProgress",
        ("Restore",),
        "stop under way, and one that is over",
        wrong=unfinished("Stop"),
        right=unfinished("Stop", "Completed"),
    ),
    *twins(
        "OperationInProgress",
        ("Restore",),
        "restore that has just come, and a dry run",
        wrong=unfinished("Restore", ""),
        right=unfinished("Restore", "", mode="DryRun"),
    ),
    *twins(
        "OperationInProgress",
        ("Restore",),
        "clone under way",
        wrong=unfinished("Clone"),
        right=unfinished("Clone", "Failed"),
    ),
    *twins("DisksWillBeReplaced", ("Restore",), "disks there, and gone", right=without_disks, without_right=REPLACED),
    *twins(
        "PermissionMissing",
        ("Restore",),
        "author may not delete disks",
        refused=(Access("delete", "virtualization.deckhouse.io", "virtualdisks", namespace="default", name=ROOT),),
    ),
    *twins(
        "QuotaWouldExceed",
        ("Restore",),
        "disks are gone, and the quota has filled up since",
        wrong=lambda world: without_disks(quota("20Gi")(world)),
        without=REPLACED,
        right=quota("20Gi"),
        advises_in=EVERYWHERE,
    ),
)
