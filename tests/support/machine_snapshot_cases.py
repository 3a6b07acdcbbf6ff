"""What is found about a snapshot of machine linux-vm."""

from __future__ import annotations

from typing import Final

from tests.support.cases import DATA, LONGEST_DISK_NAME, MACHINE, ROOT, MachineCase

MACHINE_CASES: Final = (
    MachineCase("running, agent ready", lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT])),
    MachineCase(
        "stopped, no agent",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Stopped", agent=False),
    ),
    MachineCase("no devices", lambda world: world.machine(MACHINE)),
    MachineCase("missing", lambda world: world, ("MachineNotFound",)),
    MachineCase(
        "in another namespace only", lambda world: world.elsewhere("other").machine(MACHINE), ("MachineNotFound",)
    ),
    MachineCase(
        "deleting",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Terminating", deleting=True),
        ("MachineDeleting",),
    ),
    MachineCase(
        "starting",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Starting", agent=False),
        ("MachinePhaseUnsuitable",),
    ),
    MachineCase(
        "agent not ready",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], agent=False),
        ("ConsistencyUnavailable",),
    ),
    MachineCase(
        "agent not ready, consistency not required",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], agent=False),
        ("ConsistencyNotGuaranteed",),
        required_consistency=False,
    ),
    MachineCase(
        "stopped, consistency not required",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Stopped"),
        required_consistency=False,
    ),
    MachineCase("disk missing", lambda world: world.machine(MACHINE, disks=[ROOT]), ("DiskNotReady",)),
    MachineCase(
        "hot-plugged disk missing",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], hotplugged=[DATA]),
        ("DiskNotReady",),
    ),
    MachineCase(
        "one disk failed, one missing",
        lambda world: world.disk(ROOT, phase="Failed").machine(MACHINE, disks=[ROOT, DATA]),
        ("DiskNotReady", "DiskNotReady"),
    ),
    MachineCase(
        "disk deleting",
        lambda world: world.disk(ROOT, deleting=True).machine(MACHINE, disks=[ROOT]),
        ("DiskDeleting",),
    ),
    MachineCase(
        "disk resizing",
        lambda world: world.disk(ROOT, size="20Gi").machine(MACHINE, disks=[ROOT]),
        ("DiskResizing",),
    ),
    MachineCase(
        "disk waiting for its first consumer",
        lambda world: world.disk(ROOT, phase="WaitForFirstConsumer", bound=False).machine(
            MACHINE, disks=[ROOT], phase="Stopped"
        ),
        ("VolumeNotBound",),
    ),
    MachineCase(
        "disk without snapshot class",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT]).without_snapshot_classes(),
        ("VolumeSnapshotClassMissing",),
    ),
    MachineCase(
        "stopped, and another machine runs with its disk",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Stopped").machine("other", disks=[ROOT]),
        ("DiskSharedByMachines",),
    ),
    MachineCase(
        "another machine runs with its disk, consistency not required",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT]).machine("other", disks=[ROOT]),
        ("ConsistencyNotGuaranteed", "DiskSharedByMachines"),
        required_consistency=False,
    ),
    MachineCase(
        "its disk stands in the specs of other machines that are stopped",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT]).machine("other", disks=[ROOT], phase="Stopped"),
    ),
    MachineCase(
        "images attached",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], images=["iso"], cluster_images=["tools"]),
        ("ImagesNotSaved",),
    ),
    MachineCase(
        "changes await a restart",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], pending_changes=True),
        ("PendingChangesIncluded",),
    ),
    MachineCase(
        "two storage systems",
        lambda world: (
            world.disk(ROOT).disk(DATA, driver="slow.example.com").machine(MACHINE, disks=[ROOT, DATA], phase="Stopped")
        ),
        ("SeveralDrivers",),
    ),
    MachineCase(
        "longest disk name that leaves room for the uid",
        lambda world: world.disk("d" * LONGEST_DISK_NAME).machine(MACHINE, disks=["d" * LONGEST_DISK_NAME]),
    ),
    MachineCase(
        "disk name one character too long",
        lambda world: world.disk("d" * (LONGEST_DISK_NAME + 1)).machine(MACHINE, disks=["d" * (LONGEST_DISK_NAME + 1)]),
        ("DerivedNameTooLong",),
    ),
    MachineCase(
        "everything at once",
        lambda world: (
            world.disk(ROOT, size="20Gi")
            .disk(DATA, driver="slow.example.com", phase="Failed")
            .machine(MACHINE, disks=[ROOT, DATA], images=["iso"], agent=False, pending_changes=True)
            .without_snapshot_classes()
        ),
        (
            "ConsistencyUnavailable",
            "DiskNotReady",
            "DiskResizing",
            "ImagesNotSaved",
            "PendingChangesIncluded",
            "SeveralDrivers",
            "VolumeSnapshotClassMissing",
            "VolumeSnapshotClassMissing",
        ),
    ),
)
