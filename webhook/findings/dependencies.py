"""Codes about what a machine needs besides its disks."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY_OR_WAIT, INFO
from webhook.findings.code import Code

IMAGE_NOT_READY: Final = Code(
    "ImageNotReady",
    "An image of the machine is not ready",
    "A machine is captured when everything it refers to is ready, and so can start again from the snapshot.",
    "Wait until the image is Ready, or detach it.",
    "VirtualImage ubuntu-iso is Provisioning, not Ready; wait: kubectl wait vi/ubuntu-iso "
    "--for=jsonpath={.status.phase}=Ready",
    blocking=DENY_OR_WAIT,
    documented=True,
)
ADDRESS_NOT_READY: Final = Code(
    "AddressNotReady",
    "The machine's IP address is not ready",
    "The address is saved with the machine, so it must exist and be the machine's own.",
    "Wait until the VirtualMachineIPAddress is Bound or Attached, or give the machine another.",
    "VirtualMachineIPAddress linux-vm-ip is Pending, not Bound; see why: kubectl describe vmip linux-vm-ip",
    blocking=DENY_OR_WAIT,
    documented=True,
)
MAC_ADDRESS_NOT_READY: Final = Code(
    "MacAddressNotReady",
    "A MAC address of the machine is not ready",
    "MAC addresses of additional networks are saved with the machine, so they must exist and be its own.",
    "Wait until the VirtualMachineMACAddress is Bound or Attached, or give the machine another.",
    "VirtualMachineMACAddress linux-vm-mac is Pending, not Bound; see why: kubectl describe vmmac linux-vm-mac",
    blocking=DENY_OR_WAIT,
    documented=True,
)
ATTACHMENT_NOT_READY: Final = Code(
    "AttachmentNotReady",
    "A device is being plugged in or out",
    "What an attachment is still to plug in would be missing from the snapshot.",
    "Wait until the VirtualMachineBlockDeviceAttachment is Attached, or delete it.",
    "VirtualMachineBlockDeviceAttachment linux-vm-data is InProgress, not Attached; wait: kubectl wait "
    "vmbda/linux-vm-data --for=jsonpath={.status.phase}=Attached",
    blocking=DENY_OR_WAIT,
    documented=True,
)
PROVISIONING_SECRET_NOT_FOUND: Final = Code(
    "ProvisioningSecretNotFound",
    "The machine's provisioning Secret cannot be used",
    "The Secret is saved with the machine: a restored guest reads it when it first boots.",
    "Create the Secret that spec.provisioning of the machine names.",
    "Secret cloud-init, which provisions VirtualMachine linux-vm, does not exist; create it, or name another in the "
    "machine's spec.provisioning",
    blocking=DENY_OR_WAIT,
    documented=True,
)
CLASS_NOT_FOUND: Final = Code(
    "ClassNotFound",
    "The machine's class does not exist",
    "A machine without its VirtualMachineClass does not start, restored or not.",
    "Name another class in the machine's spec.virtualMachineClassName, or create this one.",
    "VirtualMachineClass generic of VirtualMachine linux-vm does not exist; name another in the machine's "
    "spec.virtualMachineClassName: kubectl get vmclass",
    blocking=DENY_OR_WAIT,
    documented=True,
)
ADDRESS_BECOMES_STATIC: Final = Code(
    "AddressBecomesStatic",
    "The saved address is static",
    "With keepIPAddress: Always an address that was taken from the pool is asked for by its value when restored.",
    "Set spec.keepIPAddress: Never to have any address of the pool when restored.",
    "10.66.10.5 is Auto and is saved as Static; set keepIPAddress: Never to save it as Auto",
    advisory=INFO,
    documented=True,
)
