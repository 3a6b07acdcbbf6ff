"""Steps that create snapshots."""

from __future__ import annotations

from typing import Final

from tests.contract.recording.step import Step, create, described, identified, kubectl
from tests.support.machines import disk_snapshot, machine_snapshot
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT

_ANN: Final = (
    "--as=ann",
    "--as-uid=7d1c7a4e-5b9f-4b0e-9f59-1f0e6f3c2a10",
    "--as-group=storage-admins",
    "--as-group=system:masters",
    "--as-user-extra=example.com/ticket=4711",
    "--as-user-extra=example.com/ticket=4712",
)
_NAMELESS: Final = identified(
    VIRTUAL_DISK_SNAPSHOT, {"metadata": {"generateName": "nightly-"}, "spec": {"virtualDiskName": "data"}}
)
_SHAPELESS: Final = described(disk_snapshot("shapeless", "data"), labels=None) | {
    "spec": {"virtualDiskName": "data", "requiredConsistency": None},
    "status": {"phase": "Ready"},
}
_UNKNOWN: Final = disk_snapshot("unknown", "data") | {"spec": {"virtualDiskName": "data", "retries": 3}}

CREATES: Final = (
    Step(name="create-disk-snapshot", command=create("snap")),
    Step(name="create-machine-snapshot", command=kubectl("create", given=machine_snapshot("snap", "linux-vm"))),
    Step(
        name="create-machine-snapshot-without-agent",
        command=kubectl("create", given=machine_snapshot("mute", "mute-vm")),
    ),
    Step(name="create-disk-snapshot-of-no-disk", command=kubectl("create", given=disk_snapshot("early", "later"))),
    Step(name="create-with-generate-name", command=kubectl("create", given=_NAMELESS)),
    Step(name="create-with-nulls-and-a-status", command=kubectl("create", given=_SHAPELESS)),
    Step(name="create-with-unknown-field", command=kubectl("create", "--validate=ignore", given=_UNKNOWN)),
    Step(
        name="create-by-dry-run",
        command=kubectl("create", "--dry-run=server", given=machine_snapshot("dry", "mute-vm")),
    ),
    Step(
        name="create-by-server-side-apply",
        command=kubectl(
            "apply", "--server-side", given=described(disk_snapshot("applied", "data"), labels={"backup": "weekly"})
        ),
    ),
    Step(
        name="create-by-user-with-extra",
        command=kubectl("create", *_ANN, given=machine_snapshot("by-ann", "mute-vm")),
    ),
    Step(name="create-by-service-account", command=create("by-operator"), by_account=True),
)
