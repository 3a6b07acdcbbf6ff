"""What becomes of each code under each profile: the table of the rule catalogue, written down once more for tests."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from webhook.findings.code import Action, Profile

LETTERS: Final = {"D": Action.DENY, "w": Action.WAIT, "W": Action.WARN, "I": Action.INFO}
TABLE: Final = """
AddressBecomesStatic                            advisory I/I/I
AddressDiffersFromSaved                         advisory W/W/W
AddressNotReady                blocking D/w/D
AddressUsedByAnotherMachine    blocking D/w/D
AttachmentNotReady             blocking D/w/D
AttachmentUsedByAnotherMachine blocking D/w/D
BlockMissing                   blocking D/D/D
ClassMissing                   blocking D/w/D   advisory W/W/W
ClassNotFound                  blocking D/w/D
CloneWillStart                                  advisory W/W/W
ConsistencyNotGuaranteed                        advisory W/W/W
ConsistencyUnavailable         blocking D/w/D
DerivedNameTooLong             blocking D/D/D
DiskBeingSnapshotted           blocking D/D/D
DiskDeleting                   blocking D/D/D
DiskNotFound                   blocking w/w/D
DiskNotReady                   blocking w/w/D   VirtualMachineSnapshot D/w/D   VirtualMachineOperation D/w/D
DiskResizing                   blocking D/w/D
DiskSharedByMachines           blocking D/D/D   advisory W/W/W
DiskSmallerThanSnapshot        blocking D/D/D
DiskSourceImmutable            blocking D/D/D
DiskUsedByAnotherMachine       blocking D/w/D
DisksWillBeReplaced                             advisory I/I/I
ExportTargetInUse              blocking D/w/D
FactUnknown                                     advisory W/W/W
GuestIdentityShared                             advisory I/I/I
ImageMissing                   blocking D/w/D   advisory W/W/W
ImageNotReady                  blocking D/w/D
ImagesNotSaved                                  advisory W/W/W
MacAddressNotReady             blocking D/w/D
MacAddressUsedByAnotherMachine blocking D/w/D
MachineDeleting                blocking D/D/D
MachineNotFound                blocking w/w/D   VirtualMachineOperation D/w/D
MachinePhaseUnsuitable         blocking D/w/D
MachineUIDMismatch             blocking D/D/D
MachineWillStop                                 advisory I/I/I
NameCollision                  blocking D/D/D
NameInvalid                    blocking D/D/D
NameTaken                      blocking D/w/D
NameTooLong                    blocking D/D/D
NetworkMissing                 blocking D/w/D
NewNetworkIdentity                              advisory I/I/I
NoBlockDevicesLeft             blocking D/D/D
NoRenaming                     blocking D/D/D
OperationInProgress            blocking D/w/D
PendingChangesIncluded                          advisory W/W/W
PermissionMissing              blocking W/W/W   advisory W/W/W
ProvisioningSecretNotFound     blocking D/w/D
QuotaWouldExceed                                advisory W/W/W
ReplacementAmbiguous           blocking D/D/D
ReplacementKindUnknown         blocking D/D/D
ReplacementShadowed                             advisory W/W/W
ReplacementUnmatched                            advisory W/W/W
RestoreInterrupted                              advisory W/W/W
SchemaInvalid                  blocking D/D/D
SecretContentDiffers           blocking D/w/D   advisory W/W/W
SeveralDrivers                                  advisory W/W/W
SnapshotContentProtected       blocking D/D/D
SnapshotContentTampered        blocking D/D/D
SnapshotContentUnverified                       advisory W/W/W
SnapshotDataMissing            blocking D/D/D
SnapshotFailed                 blocking D/D/D
SnapshotInUse                  blocking D/D/D
SnapshotInconsistent                            advisory W/W/W
SnapshotNotFound               blocking D/w/D   VirtualDisk w/w/w
SnapshotNotReady               blocking D/w/D   VirtualDisk w/w/w
SnapshotOfAnotherMachine       blocking D/D/D
SourceMachineRunning           blocking D/w/D
SpecImmutable                  blocking D/D/D
StorageClassDiffers                             advisory W/W/W
StorageClassMissing            blocking D/w/D
StorageDriverDiffers           blocking D/D/D
UsbDeviceShared                blocking D/w/D   advisory W/W/W
VolumeNotBound                 blocking w/w/D   VirtualMachineOperation D/w/D
VolumeSnapshotClassMissing     blocking D/w/D
"""
"""In the order strict, gitops, guard; D deny, w wait, W warn, I info. A kind that is named is treated otherwise."""


@dataclass(frozen=True)
class Row:
    code: str
    actions: dict[str, tuple[Action, ...]]
    """By "blocking", "advisory", and by kinds that block otherwise."""

    def expected(self, profile: Profile, *, blocks: bool, kind: str) -> Action:
        """With a reconciler, for someone without privileges."""
        usual = self.actions["blocking" if blocks else "advisory"]
        actions = self.actions.get(kind, usual) if blocks else usual
        return actions[list(Profile).index(profile)]


def row(line: str) -> Row:
    code, *cells = line.split()
    pairs = zip(cells[::2], cells[1::2], strict=True)
    return Row(code, {where: tuple(LETTERS[each] for each in actions.split("/")) for where, actions in pairs})


ROWS: Final = [row(line) for line in TABLE.strip().splitlines()]
BY_CODE: Final = {row.code: row for row in ROWS}
