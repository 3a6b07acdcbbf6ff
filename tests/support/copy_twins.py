"""What can stand in the way of a clone and of a copy of a snapshot."""

from __future__ import annotations

from typing import Final

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.copies import clone, rule
from tests.support.manifests import Json
from tests.support.operation_changes import (
    begun_clone,
    gone,
    image_phase,
    in_phase,
    long_disk,
    nothing_to_copy,
    quota,
    running_by_itself,
    unfinished,
    with_usb,
)
from tests.support.operation_worlds import (
    ADDRESS,
    ATTACHMENT,
    CLASS,
    EXTRA,
    IMAGE,
    MAC,
    USER_DATA,
    changed_before,
    other_machine,
)
from tests.support.twins import BEST_EFFORT, BOTH_COPIES, Twin, twins
from webhook.api.secret import SECRET
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.facts.user import Access

TOLD_OF_COPIES: Final = frozenset({"GuestIdentityShared", "NewNetworkIdentity"})


def names(*rules: Json, **customization: str) -> Json:
    return {"nameReplacement": list(rules), "customization": customization or None}


def suffixed(*rules: Json) -> Json:
    return names(*rules, nameSuffix="-copy")


ALL_BUT_THE_SECRET: Final = names(
    rule(MACHINE, "new"),
    rule(ROOT, "new-root"),
    rule(DATA, "new-data"),
    rule(EXTRA, "new-extra"),
    rule(ATTACHMENT, "new-plug"),
)
NAMING: Final = (
    *twins("NoRenaming", BOTH_COPIES, "nothing renamed", asked_wrong={"customization": None}),
    *twins("NameTaken", BOTH_COPIES, "disk of the copy's name", wrong=lambda world: world.disk(f"{ROOT}-copy")),
    *twins(
        "NameTaken",
        BOTH_COPIES,
        "Secret of the copy's name, of equal content",
        wrong=lambda world: world.secret(f"{USER_DATA}-copy"),
        right=lambda world: world.secret(f"{USER_DATA}-copy"),
        asked_right=names(
            rule(MACHINE, "new"),
            rule(ROOT, "new-root"),
            rule(DATA, "new-data"),
            rule(EXTRA, "new-extra"),
            rule(ATTACHMENT, "new-plug"),
        ),
    ),
    *twins(
        "NameTaken",
        BOTH_COPIES,
        "a clone on the way to the same names",
        wrong=lambda world: world.put(
            VIRTUAL_MACHINE_OPERATION, clone("another", customization={"nameSuffix": "-copy"})
        ),
        right=lambda world: world.put(
            VIRTUAL_MACHINE_OPERATION, clone("another", customization={"nameSuffix": "-other"})
        ),
    ),
    *twins(
        "NameTaken",
        BOTH_COPIES,
        "a clone that has begun to take the same names",
        wrong=begun_clone("linux-vm-copy"),
        right=begun_clone("linux-vm-other"),
    ),
    *twins(
        "NameCollision",
        BOTH_COPIES,
        "two disks to one name",
        asked_wrong=suffixed(rule(ROOT, "disk"), rule(DATA, "disk")),
        asked_right=suffixed(rule(ROOT, "disk"), rule(DATA, "disk2")),
    ),
    *twins(
        "NameInvalid",
        BOTH_COPIES,
        "upper case",
        asked_wrong=suffixed(rule(ROOT, "Root")),
        asked_right=suffixed(rule(ROOT, "root")),
    ),
    *twins(
        "NameInvalid",
        BOTH_COPIES,
        "dots in a machine's name, and in a disk's",
        asked_wrong=suffixed(rule(MACHINE, "new.vm", kind="VirtualMachine")),
        asked_right=suffixed(rule(ROOT, "new.root")),
    ),
    *twins(
        "NameTooLong",
        BOTH_COPIES,
        "machine over 63, and a disk",
        asked_wrong=suffixed(rule(MACHINE, "m" * 59)),
        asked_right=suffixed(rule(ROOT, "m" * 59)),
    ),
    *twins(
        "ReplacementKindUnknown",
        BOTH_COPIES,
        "kind mistyped",
        asked_wrong=suffixed(rule(ROOT, "r", kind="VirtualDsik")),
        asked_right=suffixed(rule(ROOT, "r", kind="VirtualDisk")),
    ),
    *twins(
        "ReplacementAmbiguous",
        BOTH_COPIES,
        "two spellings, different and equal",
        asked_wrong=suffixed(rule(ROOT, "a")) | {"nameReplacements": [rule(ROOT, {"name": "b"})]},
        asked_right=suffixed(rule(ROOT, "a")) | {"nameReplacements": [rule(ROOT, {"name": "a"})]},
    ),
    *twins(
        "ReplacementUnmatched",
        BOTH_COPIES,
        "name mistyped",
        asked_wrong=suffixed(rule("linux-vm-rot", "r")),
        asked_right=suffixed(rule(ROOT, "r")),
    ),
    *twins(
        "ReplacementUnmatched",
        BOTH_COPIES,
        "address renamed",
        asked_wrong=suffixed(rule(ADDRESS, "ip", kind="VirtualMachineIPAddress")),
    ),
    *twins(
        "ReplacementShadowed",
        BOTH_COPIES,
        "second rule for a disk, and a first one for a kind",
        asked_wrong=suffixed(rule(ROOT, "a"), rule(ROOT, "b", kind="VirtualDisk")),
        asked_right=suffixed(rule(ROOT, "b", kind="VirtualDisk")),
    ),
)
DEPENDENCIES: Final = (
    *twins(
        "ImageMissing",
        BOTH_COPIES,
        "image gone",
        wrong=lambda world: world.remove(VIRTUAL_IMAGE, IMAGE),
        advises_in=BEST_EFFORT,
    ),
    *twins(
        "ClassMissing",
        BOTH_COPIES,
        "class gone",
        wrong=lambda world: world.remove(VIRTUAL_MACHINE_CLASS, CLASS),
        advises_in=BEST_EFFORT,
    ),
    *twins("UsbDeviceShared", BOTH_COPIES, "machine has a USB device", wrong=with_usb, advises_in=BEST_EFFORT),
    *twins(
        "UsbDeviceShared",
        ("CreateVirtualMachine",),
        "source has its USB device, and is gone",
        wrong=with_usb,
        right=lambda world: gone(with_usb(world)),
        advises_in=BEST_EFFORT,
    ),
    *twins(
        "SecretContentDiffers",
        ("CreateVirtualMachine",),
        "Secret keeps its name, edited and as saved",
        wrong=lambda world: world.secret(USER_DATA, user_data="#other"),
        asked_wrong=ALL_BUT_THE_SECRET,
        asked_right=ALL_BUT_THE_SECRET,
        advises_in=BEST_EFFORT,
    ),
    *twins(
        "CloneWillStart",
        BOTH_COPIES,
        "run policy AlwaysOn, and Manual",
        wrong=running_by_itself,
        right=lambda world: changed_before(world, spec={"runPolicy": "Manual"}),
    ),
    *(
        Twin(
            code=code,
            type=type_,
            name="told of every copy",
            right=nothing_to_copy,
            also_right=frozenset({absent}),
            without_right=TOLD_OF_COPIES,
        )
        for code in sorted(TOLD_OF_COPIES)
        for type_, absent in (("Clone", "MachineNotFound"), ("CreateVirtualMachine", "SnapshotNotFound"))
    ),
    *twins(
        "PermissionMissing",
        BOTH_COPIES,
        "author may not create machines",
        refused=(Access("create", "virtualization.deckhouse.io", "virtualmachines", namespace="default"),),
    ),
    *twins(
        "QuotaWouldExceed",
        BOTH_COPIES,
        "quota for two disks more, and for three",
        wrong=quota("30Gi"),
        right=quota("40Gi"),
    ),
)
SOURCE_MACHINE: Final = (
    *twins("MachineNotFound", ("Clone",), "machine gone", wrong=gone, without=TOLD_OF_COPIES),
    *twins(
        "MachineDeleting",
        ("Clone",),
        "machine going",
        wrong=in_phase("Terminating", deleting=True),
        also=frozenset({"AttachmentNotReady"}),
    ),
    *twins(
        "SourceMachineRunning",
        ("Clone",),
        "machine running",
        wrong=in_phase("Running"),
        also=frozenset({"AttachmentNotReady"}),
    ),
    *twins(
        "OperationInProgress",
        ("Clone",),
        "start under way, and another clone",
        wrong=unfinished("Start"),
        right=unfinished("Clone"),
    ),
    *twins(
        "OperationInProgress",
        ("Clone",),
        "restore that has just come",
        wrong=unfinished("Restore", ""),
        right=unfinished("Restore", "Completed"),
    ),
    *twins("DiskNotReady", ("Clone",), "disk failed", wrong=lambda world: world.disk(ROOT, phase="Failed")),
    *twins("DiskDeleting", ("Clone",), "disk going", wrong=lambda world: world.disk(ROOT, deleting=True)),
    *twins("DiskResizing", ("Clone",), "disk growing", wrong=lambda world: world.disk(ROOT, size="20Gi")),
    *twins(
        "VolumeNotBound",
        ("Clone",),
        "disk never used",
        wrong=lambda world: world.disk(ROOT, phase="WaitForFirstConsumer", bound=False),
    ),
    *twins(
        "VolumeSnapshotClassMissing",
        ("Clone",),
        "storage without snapshots",
        wrong=lambda world: world.without_snapshot_classes(),
    ),
    *twins(
        "DiskSharedByMachines",
        ("Clone",),
        "another machine writes to a disk, and is off",
        wrong=lambda world: other_machine(world, disks=(DATA,)),
        right=lambda world: other_machine(world, disks=(DATA,), phase="Stopped"),
    ),
    *twins("DerivedNameTooLong", ("Clone",), "disk with a long name", wrong=long_disk),
    *twins("ImageNotReady", ("Clone",), "image being made", wrong=image_phase("Provisioning")),
    *twins(
        "AddressNotReady",
        ("Clone",),
        "address gone",
        wrong=lambda world: world.remove(VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS),
    ),
    *twins(
        "MacAddressNotReady",
        ("Clone",),
        "MAC address gone",
        wrong=lambda world: world.remove(VIRTUAL_MACHINE_MAC_ADDRESS, MAC),
    ),
    *twins(
        "AttachmentNotReady",
        ("Clone",),
        "device being plugged out",
        wrong=lambda world: world.attachment(ATTACHMENT, of=MACHINE, disk=EXTRA, deleting=True),
    ),
    *twins(
        "ProvisioningSecretNotFound", ("Clone",), "user data gone", wrong=lambda world: world.remove(SECRET, USER_DATA)
    ),
)
COPIES: Final = (*NAMING, *DEPENDENCIES, *SOURCE_MACHINE)
