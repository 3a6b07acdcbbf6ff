"""Steps that delete, by people and by the cluster itself."""

from __future__ import annotations

from typing import Final

from tests.contract.recording.registration import ENDING
from tests.contract.recording.step import HOLD, MERGE, Step, create, described, kubectl
from tests.support import dependency_manifests
from tests.support.machines import disk_snapshot, machine_snapshot
from tests.support.manifests import NAMESPACE, identified
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtualization import GROUP, VERSION

_NAMESPACED: Final = f"/apis/{GROUP}/{VERSION}/namespaces/{NAMESPACE}"
_OWNED_BY_NOBODY: Final = [
    {"apiVersion": "v1", "kind": "ConfigMap", "name": "gone", "uid": "0a3f4bd5-3b8d-4a55-8f5e-6f1c0f8f7d11"}
]
_RESTORE: Final = identified(
    VIRTUAL_MACHINE_OPERATION, dependency_manifests.restore("rollback", of="spare-vm", snapshot="used")
)

DELETES: Final = (
    Step(name="delete-by-dry-run", command=kubectl("delete", "vdsnapshot", "snap", "--dry-run=server")),
    Step(name="delete", command=kubectl("delete", "vdsnapshot", "snap")),
    Step(name="delete-machine-snapshot", command=kubectl("delete", "vmsnapshot", "snap")),
    Step(name="delete-content", command=kubectl("delete", "secret", "content")),
    Step(
        name="delete-held-by-finalizer",
        before=(create("kept", finalizers=[HOLD]),),
        command=kubectl("delete", "vdsnapshot", "kept", "--wait=false"),
    ),
    Step(
        name="delete-again",
        before=(create("going", finalizers=[HOLD]), kubectl("delete", "vdsnapshot", "going", "--wait=false")),
        command=kubectl("delete", "vdsnapshot", "going", "--wait=false"),
    ),
    Step(
        name="delete-in-foreground",
        before=(create("parent"),),
        command=kubectl("delete", "vdsnapshot", "parent", "--cascade=foreground", "--timeout=100s"),
    ),
    Step(
        name="delete-collection",
        before=(create("old-1", labels={"age": "old"}), create("old-2", labels={"age": "old"})),
        command=kubectl("delete", "--raw", f"{_NAMESPACED}/{VIRTUAL_DISK_SNAPSHOT.plural}?labelSelector=age%3Dold"),
    ),
    Step(
        name="delete-in-use-by-dry-run",
        before=(kubectl("create", given=described(machine_snapshot("used", "spare-vm"), labels={"age": "new"})),),
        command=kubectl("delete", "vmsnapshot", "used", "--dry-run=server"),
    ),
    Step(
        name="delete-collection-in-use",
        command=kubectl("delete", "--raw", f"{_NAMESPACED}/{VIRTUAL_MACHINE_SNAPSHOT.plural}?labelSelector=age%3Dnew"),
    ),
    Step(
        name="delete-restore-under-way",
        before=(
            kubectl("create", given=_RESTORE),
            kubectl(*MERGE, "--subresource=status", "vmop", "rollback", '--patch={"status":{"phase":"InProgress"}}'),
        ),
        command=kubectl("delete", "vmop", "rollback"),
    ),
    Step(
        name="delete-by-garbage-collector",
        command=create("orphan", ownerReferences=_OWNED_BY_NOBODY),
        after=kubectl("wait", "--for=delete", "vdsnapshot/orphan", "--timeout=100s"),
    ),
    Step(
        name="delete-with-namespace",
        before=(
            kubectl("create", "namespace", ENDING),
            kubectl("create", f"--namespace={ENDING}", given=disk_snapshot("snap", "data")),
        ),
        command=kubectl("delete", "namespace", ENDING, "--timeout=100s"),
    ),
)
