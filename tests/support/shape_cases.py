"""What an operation itself gets wrong, whatever its mode, or before it has one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from tests.support.cases import MACHINE, Case
from tests.support.manifests import Json, metadata
from tests.support.operation_worlds import OPERATION, SNAPSHOT, healthy
from tests.support.requests import create
from webhook.api.kind import Kind
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.facts.request import Request


@dataclass(frozen=True, slots=True, kw_only=True)
class ShapeCase(Case):
    kind: Kind[Any]
    spec: Json

    @property
    def request(self) -> Request:
        return create(self.kind, {"metadata": metadata(OPERATION), "spec": self.spec})


def on_machine(name: str, spec: Json, codes: tuple[str, ...] = ()) -> ShapeCase:
    spec = {"virtualMachineName": MACHINE} | spec
    return ShapeCase(name, healthy, codes, kind=VIRTUAL_MACHINE_OPERATION, spec=spec)


def on_snapshot(name: str, spec: Json, codes: tuple[str, ...] = ()) -> ShapeCase:
    spec = {"virtualMachineSnapshotName": SNAPSHOT, "type": "CreateVirtualMachine"} | spec
    return ShapeCase(name, healthy, codes, kind=VIRTUAL_MACHINE_SNAPSHOT_OPERATION, spec=spec)


SHAPE_CASES: Final = (
    on_machine("restore without restore", {"type": "Restore"}, ("BlockMissing",)),
    on_machine("restore with a clone's block", {"type": "Restore", "clone": {"mode": "Strict"}}, ("BlockMissing",)),
    on_machine("clone without clone", {"type": "Clone"}, ("BlockMissing",)),
    on_snapshot("copy without its block", {}, ("BlockMissing",)),
    on_snapshot(
        "copy with its block",
        {"createVirtualMachine": {"mode": "Strict", "customization": {"namePrefix": "copy-"}}},
        ("GuestIdentityShared", "NewNetworkIdentity"),
    ),
    on_machine("start by force", {"type": "Start", "force": True}, ("SchemaInvalid",)),
    on_machine("start", {"type": "Start"}),
    on_machine("stop by force", {"type": "Stop", "force": True}),
    on_machine("stop with the settings of a migration", {"type": "Stop", "migrate": {}}, ("SchemaInvalid",)),
    on_machine("migration", {"type": "Migrate", "migrate": {}}),
    on_machine(
        "restore with the settings of a migration",
        {
            "type": "Restore",
            "migrate": {},
            "restore": {"mode": "Strict", "virtualMachineSnapshotName": SNAPSHOT},
        },
        ("SchemaInvalid", "DisksWillBeReplaced"),
    ),
)
