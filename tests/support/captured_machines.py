"""A machine on the lab with everything a machine can have, and its snapshot."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from tests.support import operations
from tests.support.kubectl import Json, Kubectl
from tests.support.machines import API_VERSION, disk, machine, machine_snapshot

MACHINE: Final = "linux-vm"
SNAPSHOT: Final = "before-upgrade"
IMAGE: Final = "installer"
CLASS: Final = "generic"
CLOUD_INIT: Final = "cloud-init"


def described_machine(**members: Any) -> Json:
    manifest = machine(MACHINE, ["root", "data"], run_policy="AlwaysOff", images=[IMAGE])
    networks = [{"type": "Main"}, {"type": "Network", "name": "lan"}]
    provisioning = {"type": "UserDataRef", "userDataRef": {"kind": "Secret", "name": CLOUD_INIT}}
    manifest["spec"] |= {"networks": networks, "provisioning": provisioning} | members
    return manifest


def stopped_machine(kubectl: Kubectl, **members: Any) -> None:
    kubectl.must_apply(image(IMAGE), cloud_init(), disk("root"), disk("data"), described_machine(**members))
    kubectl.wait_for_phase(f"vm/{MACHINE}", "Stopped")


def captured_machine(kubectl: Kubectl, **members: Any) -> None:
    """Off, and captured a moment ago."""
    stopped_machine(kubectl, **members)
    kubectl.must_apply(machine_snapshot(SNAPSHOT, MACHINE))
    kubectl.wait_for_phase(f"vms/{SNAPSHOT}", "Ready")
    kubectl.wait(f"vms/{SNAPSHOT}", "condition=Restorable")  # the last that is written of it


def image(name: str) -> Json:
    spec = {"storage": "ContainerRegistry", "dataSource": {"type": "Upload"}}
    return named("VirtualImage", name, spec)


def cloud_init(name: str = CLOUD_INIT, user_data: str = "#cloud-config") -> Json:
    return {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": name},
        "type": "provisioning.virtualization.deckhouse.io/cloud-init",
        "stringData": {"userData": user_data},
    }


def machine_class(kubectl: Kubectl, name: str) -> Json:
    """Like the one there is."""
    spec = kubectl.get("vmclass", CLASS)["spec"]
    return named("VirtualMachineClass", name, spec)


def restore(name: str = "restore", *, snapshot: str = SNAPSHOT, of: str = MACHINE, mode: str = "Strict") -> Json:
    return operations.restore(name, of, snapshot, mode=mode)


def clone(name: str = "clone", *, of: str = MACHINE, mode: str = "Strict", **copy: Any) -> Json:
    return operations.clone(name, of, mode=mode, **(copy or suffixed()))


def copy_of_snapshot(name: str = "copy", *, snapshot: str = SNAPSHOT, mode: str = "Strict", **copy: Any) -> Json:
    return operations.created_from(name, snapshot, mode=mode, **(copy or suffixed()))


def suffixed(suffix: str = "-copy") -> Json:
    return {"customization": {"nameSuffix": suffix}}


def named(kind: str, name: str, spec: Mapping[str, Any]) -> Json:
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": {"name": name}, "spec": dict(spec)}
