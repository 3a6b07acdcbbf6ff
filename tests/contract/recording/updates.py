"""Steps that change what is there."""

from __future__ import annotations

import json
from typing import Final

from tests.contract.recording.step import HOLD, MERGE, TO_OTHER_DISK, Step, create, described, kubectl
from tests.support import dependency_manifests
from tests.support.copies import documented, rule
from tests.support.machines import disk_snapshot
from tests.support.manifests import identified
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

_COPY: Final = identified(
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION, dependency_manifests.machine_from_snapshot("copy", snapshot="used")
)
_WITHOUT_CEL: Final = json.dumps(
    [{"op": "remove", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations"}]
)
_DOUBLED: Final = json.dumps(
    {"spec": {"clone": {"nameReplacements": documented([rule("root", "root-2", kind="VirtualDisk")])}}}
)

UPDATES: Final = (
    Step(
        name="update-by-server-side-apply",
        command=kubectl(
            "apply", "--server-side", given=described(disk_snapshot("applied", "data"), labels={"backup": "monthly"})
        ),
    ),
    Step(name="update-labels", command=kubectl("label", "vdsnapshot", "snap", "backup=weekly")),
    Step(
        name="update-by-put",
        before=(create("replaced"),),
        command=kubectl("replace", given=described(disk_snapshot("replaced", "data"), labels={"backup": "weekly"})),
    ),
    Step(name="update-spec-refused-by-cel", command=kubectl(*MERGE, "vdsnapshot", "snap", TO_OTHER_DISK), fails=True),
    Step(
        name="update-status",
        command=kubectl(
            *MERGE,
            "--subresource=status",
            "vdsnapshot",
            "snap",
            '--patch={"spec":{"virtualDiskName":"other"},"status":{"phase":"Pending"}}',
        ),
    ),
    Step(
        name="update-removes-last-finalizer",
        before=(create("held", finalizers=[HOLD]), kubectl("delete", "vdsnapshot", "held", "--wait=false")),
        command=kubectl(*MERGE, "vdsnapshot", "held", '--patch={"metadata":{"finalizers":null}}'),
    ),
    Step(
        name="update-labels-of-snapshot-operation",
        before=(kubectl("create", given=_COPY),),
        command=kubectl("label", "vmsop", "copy", "backup=weekly"),
    ),
    Step(
        name="update-clone-adds-documented-spelling",
        command=kubectl(*MERGE, "vmop", "copy", f"--patch={_DOUBLED}"),
        fails=True,  # nobody folds it here, and the spec is immutable
    ),
    Step(
        name="update-disk-size",
        command=kubectl(*MERGE, "vd", "recovered", '--patch={"spec":{"persistentVolumeClaim":{"size":"32Mi"}}}'),
    ),
    Step(name="update-labels-of-disk", command=kubectl("label", "vd", "recovered", "backup=weekly")),
    Step(name="update-content", command=kubectl(*MERGE, "secret", "content", '--patch={"data":{"vm":"e30K"}}')),
    Step(name="update-labels-of-content", command=kubectl("label", "secret", "content", "backup=weekly")),
)

WITHOUT_CEL: Final = (
    Step(
        name="update-spec-where-crd-has-no-cel",
        before=(
            create("edited"),
            kubectl("patch", "--type=json", "crd", VIRTUAL_DISK_SNAPSHOT.resource, f"--patch={_WITHOUT_CEL}"),
        ),
        takes_effect=kubectl(*MERGE, "vdsnapshot", "edited", "--dry-run=server", TO_OTHER_DISK),
        command=kubectl(*MERGE, "vdsnapshot", "edited", TO_OTHER_DISK),
    ),
)
"""As on a platform whose own CRDs lack a rule. Last, because the CRD stays that way."""
