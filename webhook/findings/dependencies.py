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
    blocking=DENY_OR_WAIT,
    documented=True,
)
ADDRESS_NOT_READY: Final = Code(
    "AddressNotReady",
    "The machine's IP address is not ready",
    "The address is saved with the machine, so it must exist and be the machine's own.",
    "Wait until the VirtualMachineIPAddress is Bound or Attached, or give the machine another.",
    blocking=DENY_OR_WAIT,
    documented=True,
)
MAC_ADDRESS_NOT_READY: Final = Code(
    "MacAddressNotReady",
    "A MAC address of the machine is not ready",
    "MAC addresses of additional networks are saved with the machine, so they must exist and be its own.",
    "Wait until the VirtualMachineMACAddress is Bound or Attached, or give the machine another.",
    blocking=DENY_OR_WAIT,
    documented=True,
)
ATTACHMENT_NOT_READY: Final = Code(
    "AttachmentNotReady",
    "A device is being plugged in or out",
    "What an attachment is still to plug in would be missing from the snapshot.",
    "Wait until the VirtualMachineBlockDeviceAttachment is Attached, or delete it.",
    blocking=DENY_OR_WAIT,
    documented=True,
)
PROVISIONING_SECRET_NOT_FOUND: Final = Code(
    "ProvisioningSecretNotFound",
    "The machine's provisioning Secret cannot be used",
    "The Secret is saved with the machine: a restored guest reads it when it first boots.",
    "Create the Secret that spec.provisioning of the machine names.",
    blocking=DENY_OR_WAIT,
    documented=True,
)
CLASS_NOT_FOUND: Final = Code(
    "ClassNotFound",
    "The machine's class does not exist",
    "A machine without its VirtualMachineClass does not start, restored or not.",
    "Name another class in the machine's spec.virtualMachineClassName, or create this one.",
    blocking=DENY_OR_WAIT,
    documented=True,
)
ADDRESS_BECOMES_STATIC: Final = Code(
    "AddressBecomesStatic",
    "The saved address is static",
    "With keepIPAddress: Always an address that was taken from the pool is asked for by its value when restored.",
    "Set spec.keepIPAddress: Never to have any address of the pool when restored.",
    advisory=INFO,
    documented=True,
)
