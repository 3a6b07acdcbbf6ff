"""Steps that change what is there."""

from __future__ import annotations

import json
from typing import Final

from tests.contract.recording.step import HOLD, MERGE, TO_OTHER_DISK, Step, create, described, identified, kubectl
from tests.support import dependency_manifests
from tests.support.machines import disk_snapshot
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

_COPY: Final = identified(
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION, dependency_manifests.machine_from_snapshot("copy", snapshot="used")
)
_WITHOUT_CEL: Final = json.dumps(
    [{"op": "remove", "path": "/spec/versions/0/schema/openAPIV3Schema/properties/spec/x-kubernetes-validations"}]
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
