"""Codes about making a machine under other names, from a machine or from a snapshot."""

from __future__ import annotations

from typing import Final

from webhook.findings.actions import DENY, DENY_OR_WAIT, INFO, WARN
from webhook.findings.code import Code

NO_RENAMING: Final = Code(
    "NoRenaming",
    "Nothing gives the copy names of its own",
    "The copy and its disks live in the namespace of the original, so every one of them needs another name.",
    "Set customization.namePrefix, customization.nameSuffix or nameReplacements.",
    "the copy needs names of its own; set spec.clone.customization.nameSuffix, for example: -copy",
    blocking=DENY,
    documented=True,
    own=True,
)
NAME_TAKEN: Final = Code(
    "NameTaken",
    "A name of the copy is taken",
    "An object of this kind and name exists, or an unfinished operation is going to create it. It is not overwritten.",
    "Choose another prefix, suffix or replacement, or delete the object.",
    "VirtualDisk linux-vm-root-copy exists; choose another name, prefix or suffix",
    blocking=DENY_OR_WAIT,
    documented=True,
)
NAME_COLLISION: Final = Code(
    "NameCollision",
    "Two resources of the copy would get one name",
    "Replacements give the same new name to two resources of one kind.",
    "Give each of them a name of its own in nameReplacements.",
    "VirtualDisk linux-vm-root and VirtualDisk linux-vm-data would both be named disk-copy; give each a rule of "
    "its own",
    blocking=DENY,
    own=True,
)
NAME_INVALID: Final = Code(
    "NameInvalid",
    "A name of the copy is not allowed",
    "Names have lower case letters, digits and dashes, and begin and end with a letter or a digit; all but machines "
    "may have dots as well. The name is made of prefix, new name and suffix.",
    "Change the prefix, the suffix or the replacement.",
    "VirtualMachine linux-vm would be named new.vm-copy; use lower case letters, digits and dashes, with a letter"
    " or digit at both ends",
    blocking=DENY,
    own=True,
)
NAME_TOO_LONG: Final = Code(
    "NameTooLong",
    "A name of the copy would be too long",
    "Machines have names of at most 63 characters, other objects of at most 253. The name is made of prefix, new name "
    "and suffix.",
    "Shorten the prefix or the suffix, or replace the name by a shorter one.",
    "VirtualMachine quarterly-report-generator-for-the-finance-department-at-hq-copy has 64 characters, a "
    "machine at most 63; replace linux-vm by a shorter name, or shorten prefix and suffix",
    blocking=DENY,
    own=True,
)
REPLACEMENT_KIND_UNKNOWN: Final = Code(
    "ReplacementKindUnknown",
    "A replacement names a kind that is not copied",
    "Only resources of a machine that a copy creates can get another name.",
    "Correct the kind, or leave it out to mean any.",
    "nothing of kind VirtualDsik is copied; did you mean VirtualDisk?",
    blocking=DENY,
    own=True,
)
REPLACEMENT_AMBIGUOUS: Final = Code(
    "ReplacementAmbiguous",
    "Replacements are written twice and differ",
    "The lists nameReplacements and nameReplacement are two spellings of one. With different content it cannot be "
    "told which is meant.",
    "Keep one of the two spellings.",
    "nameReplacements and nameReplacement say different things; keep one of the two",
    blocking=DENY,
    own=True,
)
REPLACEMENT_UNMATCHED: Final = Code(
    "ReplacementUnmatched",
    "A replacement matches nothing",
    "No resource of the machine has this kind and name, so that the replacement is never used.",
    "Correct the name, or remove the replacement.",
    "VirtualMachine linux-vm has no resource linux-vm-rot; did you mean linux-vm-root?",
    advisory=WARN,
)
REPLACEMENT_SHADOWED: Final = Code(
    "ReplacementShadowed",
    "An earlier replacement comes first",
    "The first replacement that matches is used. This one has nothing left to match.",
    "Remove the replacement, or move it before the other.",
    "nameReplacement[1] is never used, nameReplacement[0] already renames VirtualDisk linux-vm-root; remove it, "
    "or move it before the other",
    advisory=WARN,
)
SOURCE_MACHINE_RUNNING: Final = Code(
    "SourceMachineRunning",
    "The machine to be cloned is not off",
    "A clone is made of disks that nobody writes to, so the machine must be powered off first.",
    "Stop the machine.",
    "VirtualMachine linux-vm is Running, and only one that is off is cloned; wait: kubectl wait vm/linux-vm "
    "--for=jsonpath={.status.phase}=Stopped",
    blocking=DENY_OR_WAIT,
    documented=True,
)
USB_DEVICE_SHARED: Final = Code(
    "UsbDeviceShared",
    "The machine has USB devices, which cannot be shared",
    "A USB device plugs into one machine at a time. In mode BestEffort the copy goes without it.",
    "Remove the device from the machine, or use mode BestEffort.",
    "USB device token belongs to VirtualMachine linux-vm; use mode: BestEffort to make the copy without it",
    blocking=DENY_OR_WAIT,
    advisory=WARN,
    advisory_when="mode BestEffort",
)
CLONE_WILL_START: Final = Code(
    "CloneWillStart",
    "The copy starts by itself",
    "It inherits the run policy of the original, and would be on the network before anyone has changed its identity.",
    "Set spec.runPolicy: AlwaysOff in the machine before it is cloned.",
    "the copy starts by itself, as its run policy is AlwaysOn; set spec.runPolicy: AlwaysOff first to prevent it",
    advisory=WARN,
    documented=True,
)
NEW_NETWORK_IDENTITY: Final = Code(
    "NewNetworkIdentity",
    "The copy gets addresses of its own",
    "A copy has a new IP address and new MAC addresses, while its guest may be set up for the old ones.",
    "Set up the guest's network again after the copy has started.",
    "the copy gets a new IP address and new MAC addresses; set up its guest's network again",
    advisory=INFO,
    documented=True,
)
GUEST_IDENTITY_SHARED: Final = Code(
    "GuestIdentityShared",
    "The copy's guest has the identity of the original",
    "What tells guests apart is on the disks (machine-id, SSH host keys, Windows SID), and so is the same in both.",
    "Clean the guest before it is copied: remove machine-id and host keys, or run sysprep with /generalize.",
    "machine-id and SSH host keys are copied with the disks; clean the guest first, or run sysprep",
    advisory=INFO,
    documented=True,
)
