"""What an operation's author hears who may create operations and not what they make."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from tests.support.accounts import until_allowed
from tests.support.copies import clone
from tests.support.kubectl import Answer, Json, Kubectl
from tests.support.machines import API_VERSION, disk, machine

GROUP: Final = "virtualization.deckhouse.io"
COPY: Final = {
    "apiVersion": API_VERSION,
    "kind": "VirtualMachineOperation",
    **clone("copy", of="linux-vm", customization={"namePrefix": "copy-"}),
}


def stopped_machine(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("root"), machine("linux-vm", ["root"], run_policy="AlwaysOff"))
    kubectl.wait_for_phase("vm/linux-vm", "Stopped")
    kubectl.wait_for_phase("vd/root", "Ready")


def rehearsed(kubectl: Kubectl, user: str) -> Answer:
    return kubectl.apply(COPY, flags=("--dry-run=server", f"--as={user}"))


def test_rights_that_are_missing_are_named_together_until_they_are_given(kubectl: Kubectl) -> None:
    stopped_machine(kubectl)
    kubectl.must_apply(*_allowed("operator", "jane", {"virtualmachineoperations": ["get", "create", "patch"]}))
    until_allowed(kubectl, "jane", "create", f"virtualmachineoperations.{GROUP}")
    said = rehearsed(kubectl, "jane").said
    missing = f"user jane may not create virtualdisks, create virtualmachines in namespace {kubectl.namespace}"
    assert missing in said.replace("\n", " ")

    kubectl.must_apply(*_allowed("maker", "jack", {"*": ["*"]}))
    until_allowed(kubectl, "jack", "create", f"virtualmachineoperations.{GROUP}")
    answer = rehearsed(kubectl, "jack")
    assert answer.ok, answer.said
    assert "PermissionMissing" not in answer.said


def _allowed(name: str, user: str, rights: Mapping[str, list[str]]) -> tuple[Json, Json]:
    role: Json = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "Role",
        "metadata": {"name": name},
        "rules": [{"apiGroups": [GROUP], "resources": [each], "verbs": verbs} for each, verbs in rights.items()],
    }
    binding: Json = {
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "RoleBinding",
        "metadata": {"name": name},
        "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": name},
        "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": user}],
    }
    return role, binding
