"""What is found about a snapshot of disk linux-vm-root."""

from __future__ import annotations

from typing import Final

from tests.support.cases import MACHINE, ROOT, DiskCase

DISK_CASES: Final = (
    DiskCase("detached", lambda world: world.disk(ROOT)),
    DiskCase("machine running, agent ready", lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT])),
    DiskCase(
        "machine stopped, no agent",
        lambda world: world.disk(ROOT, users=[MACHINE]).machine(MACHINE, disks=[ROOT], phase="Stopped", agent=False),
    ),
    DiskCase("used by a machine that is gone", lambda world: world.disk(ROOT, users=["gone"])),
    DiskCase(
        "only hot-plugged into a machine without agent",
        lambda world: world.disk(ROOT).machine(MACHINE, hotplugged=[ROOT], agent=False),
        ("ConsistencyUnavailable",),
    ),
    DiskCase("missing", lambda world: world, ("DiskNotFound",)),
    DiskCase("in another namespace only", lambda world: world.elsewhere("other").disk(ROOT), ("DiskNotFound",)),
    DiskCase("deleting", lambda world: world.disk(ROOT, deleting=True, phase="Terminating"), ("DiskDeleting",)),
    DiskCase("failed", lambda world: world.disk(ROOT, phase="Failed"), ("DiskNotReady",)),
    DiskCase("without status", lambda world: world.disk(ROOT, phase=""), ("DiskNotReady",)),
    DiskCase("provisioning", lambda world: world.disk(ROOT, phase="Provisioning", bound=False), ("DiskNotReady",)),
    DiskCase("phase Resizing", lambda world: world.disk(ROOT, phase="Resizing"), ("DiskResizing",)),
    DiskCase("condition Resizing", lambda world: world.disk(ROOT, resizing=True), ("DiskResizing",)),
    DiskCase("claim resizing", lambda world: world.disk(ROOT).claim(ROOT, resizing=True), ("DiskResizing",)),
    DiskCase("claim wants more", lambda world: world.disk(ROOT).claim(ROOT, requested="11Gi"), ("DiskResizing",)),
    DiskCase("disk wants more than its claim", lambda world: world.disk(ROOT, size="11Gi"), ("DiskResizing",)),
    DiskCase("same size in another unit", lambda world: world.disk(ROOT, size=10 * 1024**3)),
    DiskCase(
        "waiting for its first consumer",
        lambda world: world.disk(ROOT, phase="WaitForFirstConsumer", bound=False),
        ("VolumeNotBound",),
    ),
    DiskCase("claim lost", lambda world: world.disk(ROOT).claim(ROOT, phase="Lost"), ("VolumeNotBound",)),
    DiskCase("claim gone", lambda world: world.disk(ROOT).without_claim(ROOT), ("VolumeNotBound",)),
    DiskCase("no claim named", lambda world: world.disk(ROOT, claim=""), ("VolumeNotBound",)),
    DiskCase(
        "no snapshot class",
        lambda world: world.disk(ROOT).without_snapshot_classes(),
        ("VolumeSnapshotClassMissing",),
    ),
    DiskCase(
        "snapshot class of another driver",
        lambda world: world.disk(ROOT).without_snapshot_classes().snapshot_class("other", driver="other.example.com"),
        ("VolumeSnapshotClassMissing",),
    ),
    DiskCase(
        "driver unknown, and a snapshot class that names none",
        lambda world: world.disk(ROOT).claim(ROOT, driver="", storage_class="").snapshot_class("odd", driver=""),
        ("VolumeSnapshotClassMissing",),
    ),
    DiskCase("driver known from the storage class", lambda world: world.disk(ROOT).claim(ROOT, driver="")),
    DiskCase(
        "agent not ready",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], agent=False),
        ("ConsistencyUnavailable",),
    ),
    DiskCase(
        "agent not ready, consistency not required",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], agent=False),
        ("ConsistencyNotGuaranteed",),
        required_consistency=False,
    ),
    DiskCase(
        "machine stopped, consistency not required",
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Stopped"),
        required_consistency=False,
    ),
    DiskCase(
        "two machines",
        lambda world: world.disk(ROOT, users=["one", "two"]).machine("one").machine("two"),
        ("DiskSharedByMachines",),
    ),
    DiskCase(
        "two machines, consistency not required",
        lambda world: world.disk(ROOT, users=["one", "two"]).machine("one").machine("two"),
        ("DiskSharedByMachines",),
        required_consistency=False,
    ),
    DiskCase(
        "two machines, one of them stopped",
        lambda world: world.disk(ROOT, users=["one", "two"]).machine("one").machine("two", phase="Stopped"),
    ),
    DiskCase(
        "waiting for its first consumer on storage without snapshots",
        lambda world: world.disk(ROOT, phase="WaitForFirstConsumer", bound=False).without_snapshot_classes(),
        ("VolumeNotBound", "VolumeSnapshotClassMissing"),
    ),
    DiskCase(
        "waiting for a volume of a driver not known yet",
        lambda world: world.disk(ROOT, phase="Provisioning").claim(ROOT, phase="Pending", driver="", storage_class=""),
        ("DiskNotReady",),
    ),
    DiskCase(
        "shared, and not ready",
        lambda world: world.disk(ROOT, phase="Failed", users=["one", "two"]),
        ("DiskSharedByMachines", "DiskNotReady"),
    ),
    DiskCase(
        "several reasons at once",
        lambda world: (
            world.disk(ROOT, phase="Failed").machine(MACHINE, disks=[ROOT], agent=False).without_snapshot_classes()
        ),
        ("ConsistencyUnavailable", "DiskNotReady", "VolumeSnapshotClassMissing"),
    ),
)
