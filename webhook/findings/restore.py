"""Codes about bringing a machine back to the state of a snapshot."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY, DENY_OR_WAIT, INFO, WARN
from webhook.findings.code import Code

MACHINE_UID_MISMATCH: Final = Code(
    "MachineUIDMismatch",
    "The machine was created anew after the snapshot",
    "A snapshot restores the very machine it was taken of. One of the same name that was created later is another "
    "machine, and would lose its disks.",
    "Create a machine from the snapshot with a VirtualMachineSnapshotOperation.",
    "VirtualMachine linux-vm was re-created after the snapshot; make a new machine of the snapshot: "
    "VirtualMachineSnapshotOperation, type CreateVirtualMachine",
    blocking=DENY,
    documented=True,
)
DISK_USED_BY_ANOTHER_MACHINE: Final = Code(
    "DiskUsedByAnotherMachine",
    "Another machine has a disk of the snapshot",
    "The restore replaces disks by name, and would take this one from a machine that is not being restored.",
    "Detach the disk from the other machine.",
    "VirtualDisk linux-vm-data is attached to VirtualMachine billing (Running); detach it: kubectl delete vmbda plug",
    blocking=DENY_OR_WAIT,
    documented=True,
)
ADDRESS_USED_BY_ANOTHER_MACHINE: Final = Code(
    "AddressUsedByAnotherMachine",
    "The saved IP address is taken",
    "Two machines cannot have one address. A machine that is stopped still holds the lease of its address.",
    "Give the other machine another address, or delete the VirtualMachineIPAddress that holds it.",
    "10.66.10.14 is held by VirtualMachineIPAddress linux-vm-ip of machine billing; release it: kubectl delete "
    "vmip linux-vm-ip",
    blocking=DENY_OR_WAIT,
    documented=True,
)
MAC_ADDRESS_USED_BY_ANOTHER_MACHINE: Final = Code(
    "MacAddressUsedByAnotherMachine",
    "A saved MAC address is taken",
    "Two machines cannot have one MAC address. A machine that is stopped still holds the lease of its address.",
    "Give the other machine another address, or delete the VirtualMachineMACAddress that holds it.",
    "02:00:5e:10:00:01 is held by VirtualMachineMACAddress billing-mac in namespace other of machine billing; "
    "release it: kubectl delete vmmac billing-mac -n other",
    blocking=DENY_OR_WAIT,
    documented=True,
)
ADDRESS_DIFFERS_FROM_SAVED: Final = Code(
    "AddressDiffersFromSaved",
    "The machine's address is not the saved one",
    "The VirtualMachineIPAddress of the saved name exists with another address, and stays as it is: the machine comes "
    "back with that one.",
    "Delete the VirtualMachineIPAddress before the restore to get the saved address.",
    "VirtualMachineIPAddress linux-vm-ip has 10.66.10.99 and keeps it, 10.66.10.14 was saved; to get the saved "
    "one, delete it first: kubectl delete vmip linux-vm-ip",
    advisory=WARN,
)
ATTACHMENT_USED_BY_ANOTHER_MACHINE: Final = Code(
    "AttachmentUsedByAnotherMachine",
    "Another machine has an attachment of this name",
    "The saved VirtualMachineBlockDeviceAttachment exists under its name and plugs into another machine.",
    "Delete the attachment of the other machine.",
    "VirtualMachineBlockDeviceAttachment linux-vm-plug plugs into VirtualMachine billing; delete it: kubectl "
    "delete vmbda linux-vm-plug",
    blocking=DENY_OR_WAIT,
)
SECRET_CONTENT_DIFFERS: Final = Code(
    "SecretContentDiffers",
    "The provisioning Secret is not as saved",
    "A Secret that exists is never overwritten. The machine would read another configuration than the saved one.",
    "Delete or rename the Secret to have the saved one created, or use mode BestEffort to keep the one there is.",
    "Secret cloud-init is not as saved, it differs in userData; rename or delete it (kubectl delete secret "
    "cloud-init), or use mode: BestEffort to keep it",
    blocking=DENY_OR_WAIT,
    advisory=WARN,
    advisory_when="mode BestEffort",
)
IMAGE_MISSING: Final = Code(
    "ImageMissing",
    "An image the saved machine refers to is gone",
    "Images are not part of a snapshot. In mode Strict a restored machine stays Pending until the image is back and a "
    "copy is not made; in mode BestEffort the image is left out.",
    "Create the image again, or use mode BestEffort to leave it out.",
    "VirtualImage ubuntu-iso does not exist, the machine will stay Pending; create it, or use mode: BestEffort",
    blocking=DENY_OR_WAIT,
    advisory=WARN,
    advisory_when="any restore, copies in mode BestEffort",
    documented=True,
)
CLASS_MISSING: Final = Code(
    "ClassMissing",
    "The class of the saved machine is gone",
    "A machine without its VirtualMachineClass stays Pending. In mode Strict a copy is not made.",
    "Create the class again, or name another in the machine's spec.virtualMachineClassName afterwards.",
    "VirtualMachineClass generic does not exist, the machine will stay Pending; see which there are: kubectl get "
    "vmclass",
    blocking=DENY_OR_WAIT,
    advisory=WARN,
    advisory_when="any restore, copies in mode BestEffort",
    documented=True,
)
NETWORK_MISSING: Final = Code(
    "NetworkMissing",
    "A network of the saved machine is gone",
    "A machine does not start while a network that its spec.networks names does not exist.",
    "Create the network again.",
    "Network storage of the saved machine does not exist; create it again, or ask an administrator for it",
    blocking=DENY_OR_WAIT,
)
STORAGE_CLASS_MISSING: Final = Code(
    "StorageClassMissing",
    "The storage class of a saved disk is gone",
    "The volumes of the snapshot can only be provisioned by the StorageClass they came from.",
    "Create the StorageClass again.",
    "StorageClass csi.example.com, which VirtualDisk linux-vm-root was made with, does not exist; ask an "
    "administrator to create it again",
    blocking=DENY_OR_WAIT,
)
NO_BLOCK_DEVICES_LEFT: Final = Code(
    "NoBlockDevicesLeft",
    "No block device would be left",
    "Mode BestEffort leaves missing images out, and this machine has nothing else to start from.",
    "Create one of the images again.",
    "every block device of the saved machine is missing: VirtualImage rescue, VirtualImage tools; create one of "
    "them again",
    blocking=DENY,
)
OPERATION_IN_PROGRESS: Final = Code(
    "OperationInProgress",
    "Another operation acts on the machine",
    "Two operations on one machine would undo each other's work.",
    "Wait until the other operation is done, or delete it.",
    "VirtualMachineOperation another (Stop, InProgress) has yet to finish with VirtualMachine linux-vm; wait: "
    "kubectl wait vmop/another --for=jsonpath={.status.phase}=Completed",
    blocking=DENY_OR_WAIT,
)
MACHINE_WILL_STOP: Final = Code(
    "MachineWillStop",
    "The machine is going to be stopped",
    "Disks are replaced while the machine is off. It is started again when it was running.",
    "Choose the moment: users of the machine are interrupted.",
    "VirtualMachine linux-vm (Running) is stopped for the restore",
    advisory=INFO,
)
DISKS_WILL_BE_REPLACED: Final = Code(
    "DisksWillBeReplaced",
    "The disks are going to be replaced",
    "What was written after the snapshot is lost.",
    "Take a snapshot first to be able to come back to what is there now.",
    "writes since 2026-01-02 03:04 UTC are lost on linux-vm-root, linux-vm-extra",
    advisory=INFO,
)
