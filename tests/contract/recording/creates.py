"""Steps that create snapshots."""

from __future__ import annotations

from typing import Any, Final

from tests.contract.recording.step import Command, Step, create, described, kubectl
from tests.support.copies import clone, documented, rule
from tests.support.data_exports import data_export
from tests.support.foreign_kinds import definition
from tests.support.machines import disk_from, disk_snapshot, machine_snapshot
from tests.support.manifests import identified
from webhook.api.data_export import DATA_EXPORT
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION

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
_RULES: Final = [rule("root", "root-2", kind="VirtualDisk")]
_PREFIX: Final = {"namePrefix": "copy-"}
_CONTENT: Final = {
    "metadata": {"name": "content"},
    "type": SNAPSHOT_SECRET_TYPE,
    "data": {"vm": "e30="},
}


def _clone(name: str, **copy: Any) -> Command:
    return kubectl("create", given=identified(VIRTUAL_MACHINE_OPERATION, clone(name, of="spare-vm", **copy)))


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
    Step(name="create-clone", command=_clone("copy", nameReplacement=_RULES)),
    Step(
        name="create-clone-as-documented",
        command=_clone("documented", nameReplacements=documented(_RULES), customization=_PREFIX),
    ),
    Step(
        name="create-clone-as-documented-refused-by-cel",
        command=_clone("refused", nameReplacements=documented(_RULES), customization={}),
        fails=True,
    ),
    Step(name="create-disk-from-snapshot", command=kubectl("create", given=disk_from("recovered", "snap"))),
    Step(name="create-content", command=kubectl("create", given=identified(SECRET, _CONTENT))),
    Step(
        name="create-export",
        before=(
            kubectl("create", given=definition(DATA_EXPORT)),
            kubectl("wait", "--for=condition=Established", f"crd/{DATA_EXPORT.resource}"),
        ),
        command=kubectl("create", given=identified(DATA_EXPORT, data_export("download", disk="data"))),
    ),
)
