"""What is found about a snapshot of machine linux-vm, when something other than its disks is not ready."""

from __future__ import annotations

from typing import Any, Final

from tests.support.cases import DATA, MACHINE, ROOT, MachineCase
from tests.support.world import World
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.secret import SECRET as SECRET_KIND
from webhook.api.virtual_image import VIRTUAL_IMAGE

ADDRESS: Final = "linux-vm-ip"
MAC: Final = "linux-vm-mac"
ATTACHMENT: Final = "linux-vm-data"
SECRET: Final = "cloud-init"


def machine(world: World, **described: Any) -> World:
    return world.disk(ROOT).machine(MACHINE, disks=[ROOT], **described)


def with_attachment(world: World, *, phase: str = "Running", **described: Any) -> World:
    world.attachment(ATTACHMENT, of=MACHINE, disk=DATA, **described)
    return machine(world.disk(DATA), phase=phase, plugged_in={ATTACHMENT: DATA})


IMAGE_CASES: Final = (
    MachineCase(
        "image missing",
        lambda world: machine(world, images=["iso"]).remove(VIRTUAL_IMAGE, "iso"),
        ("ImageNotReady", "ImagesNotSaved"),
    ),
    MachineCase(
        "cluster image missing, and an image of the same name is there",
        lambda world: machine(world.image("tools"), cluster_images=["tools"]).remove(CLUSTER_VIRTUAL_IMAGE, "tools"),
        ("ImageNotReady", "ImagesNotSaved"),
    ),
    MachineCase(
        "image not ready",
        lambda world: machine(world.image("iso", phase="Provisioning"), images=["iso"]),
        ("ImageNotReady", "ImagesNotSaved"),
    ),
    MachineCase(
        "image deleting",
        lambda world: machine(world.cluster_image("tools", deleting=True), cluster_images=["tools"]),
        ("ImageNotReady", "ImagesNotSaved"),
    ),
    MachineCase(
        "machine says that its devices are not ready, and a look at them says why",
        lambda world: machine(world.image("iso", phase="ImageLost"), images=["iso"], unmet=["BlockDevicesReady"]),
        ("ImageNotReady", "ImagesNotSaved"),
    ),
    MachineCase(
        "machine says that its devices are not ready, and nothing else does",
        lambda world: machine(world, unmet=["BlockDevicesReady"]),
        ("DiskNotReady",),
    ),
)

ADDRESS_CASES: Final = (
    MachineCase(
        "static address",
        lambda world: machine(world.ip_address(ADDRESS, of=MACHINE, type_="Static"), address=ADDRESS),
    ),
    MachineCase(
        "automatic address",
        lambda world: machine(world.ip_address(ADDRESS, of=MACHINE), address=ADDRESS),
        ("AddressBecomesStatic",),
    ),
    MachineCase(
        "automatic address that may change",
        lambda world: machine(world.ip_address(ADDRESS, of=MACHINE), address=ADDRESS),
        keep_ip_address="Never",
    ),
    MachineCase("address missing", lambda world: machine(world, address=ADDRESS), ("AddressNotReady",)),
    MachineCase(
        "address pending",
        lambda world: machine(world.ip_address(ADDRESS, type_="Static", phase="Pending"), address=ADDRESS),
        ("AddressNotReady",),
    ),
    MachineCase(
        "address bound",
        lambda world: machine(world.ip_address(ADDRESS, type_="Static", phase="Bound"), address=ADDRESS),
    ),
    MachineCase(
        "address deleting",
        lambda world: machine(world.ip_address(ADDRESS, of=MACHINE, type_="Static", deleting=True), address=ADDRESS),
        ("AddressNotReady",),
    ),
    MachineCase(
        "address of another machine",
        lambda world: machine(world.ip_address(ADDRESS, of="other", type_="Static"), address=ADDRESS),
        ("AddressNotReady",),
    ),
    MachineCase(
        "machine says that it has no address",
        lambda world: machine(world, unmet=["VirtualMachineIPAddressReady"]),
        ("AddressNotReady",),
    ),
    MachineCase(
        "address missing, and the machine says so too",
        lambda world: machine(world, address=ADDRESS, unmet=["VirtualMachineIPAddressReady"]),
        ("AddressNotReady",),
    ),
    MachineCase(
        "MAC address attached",
        lambda world: machine(world.mac_address(MAC, of=MACHINE), mac_addresses=[MAC]),
    ),
    MachineCase(
        "one MAC address missing, one pending",
        lambda world: machine(world.mac_address(MAC, phase="Pending"), mac_addresses=[MAC, "gone"]),
        ("MacAddressNotReady", "MacAddressNotReady"),
    ),
    MachineCase(
        "machine says that it has no MAC address",
        lambda world: machine(
            world.mac_address(MAC, of=MACHINE), mac_addresses=[MAC], unmet=["VirtualMachineMACAddressReady"]
        ),
        ("MacAddressNotReady",),
    ),
)

ATTACHMENT_CASES: Final = (
    MachineCase("attached", with_attachment),
    MachineCase(
        "being attached",
        lambda world: machine(world.disk(DATA).attachment(ATTACHMENT, of=MACHINE, disk=DATA, phase="InProgress")),
        ("AttachmentNotReady",),
    ),
    MachineCase("being detached", lambda world: with_attachment(world, deleting=True), ("AttachmentNotReady",)),
    MachineCase(
        "attachment of another machine",
        lambda world: machine(world.attachment("other", of="other", disk=DATA, phase="Pending")),
    ),
    MachineCase(
        "attachment gone from under its device",
        lambda world: machine(world.disk(DATA), plugged_in={ATTACHMENT: DATA}),
        ("AttachmentNotReady",),
    ),
    MachineCase(
        "stopped with a device plugged in",
        lambda world: with_attachment(world, phase="Stopped").attachment(
            ATTACHMENT, of=MACHINE, disk=DATA, phase="Pending"
        ),
    ),
    MachineCase(
        "attached while stopped",
        lambda world: machine(
            world.disk(DATA).attachment(ATTACHMENT, of=MACHINE, disk=DATA, phase="Pending"), phase="Stopped"
        ),
        ("AttachmentNotReady",),
    ),
)

DEFINITION_CASES: Final = (
    MachineCase("class there", lambda world: machine(world.machine_class("generic"), class_name="generic")),
    MachineCase(
        "class not ready",
        lambda world: machine(world.machine_class("generic", phase="Pending"), class_name="generic"),
    ),
    MachineCase("class missing", lambda world: machine(world, class_name="generic"), ("ClassNotFound",)),
    MachineCase("provisioned from a Secret", lambda world: machine(world.secret(SECRET), provisioning_secret=SECRET)),
    MachineCase(
        "provisioning Secret missing, before the machine says so",
        lambda world: machine(world, provisioning_secret=SECRET),
        ("ProvisioningSecretNotFound",),
    ),
    MachineCase(
        "provisioning Secret deleting",
        lambda world: machine(world.secret(SECRET, deleting=True), provisioning_secret=SECRET),
        ("ProvisioningSecretNotFound",),
    ),
    MachineCase(
        "provisioning Secret there, and not what the machine needs",
        lambda world: machine(world.secret(SECRET), provisioning_secret=SECRET, unmet=["ProvisioningReady"]),
        ("ProvisioningSecretNotFound",),
    ),
    MachineCase(
        "provisioning Secret not to be seen",
        lambda world: machine(world.without_kind(SECRET_KIND), provisioning_secret=SECRET),
    ),
    MachineCase(
        "provisioning Secret not to be seen, and the machine says that it is not ready",
        lambda world: machine(world.without_kind(SECRET_KIND), provisioning_secret=SECRET, unmet=["ProvisioningReady"]),
        ("ProvisioningSecretNotFound",),
    ),
    MachineCase(
        "every dependency missing",
        lambda world: machine(
            world.attachment(ATTACHMENT, of=MACHINE, disk=DATA, phase="Failed"),
            images=["iso"],
            address=ADDRESS,
            mac_addresses=[MAC],
            class_name="generic",
            provisioning_secret=SECRET,
            unmet=["ProvisioningReady"],
        ).remove(VIRTUAL_IMAGE, "iso"),
        (
            "AddressNotReady",
            "AttachmentNotReady",
            "ClassNotFound",
            "ImageNotReady",
            "ImagesNotSaved",
            "MacAddressNotReady",
            "ProvisioningSecretNotFound",
        ),
    ),
)

DEPENDENCY_CASES: Final = (*IMAGE_CASES, *ADDRESS_CASES, *ATTACHMENT_CASES, *DEFINITION_CASES)
