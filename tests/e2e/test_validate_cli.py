"""`snapgate validate` against a cluster, with the rights of whoever types it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from lab.paths import CHECKOUT
from tests.support.accounts import account, kubeconfig_of
from tests.support.documents import PAGE_RESTORE
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import machine_snapshot, machine_without_agent, stopped_machine
from tests.support.snapgate_command import SNAPGATE, as_text, snapgate

GROUP = "virtualization.deckhouse.io"
READABLE = ",".join(
    f"{plural}.{GROUP}"
    for plural in (
        "virtualmachines",
        "virtualdisks",
        "virtualmachineblockdeviceattachments",
        "virtualmachineipaddresses",
        "virtualmachinemacaddresses",
    )
)


@pytest.fixture
def admin(kubectl: Kubectl, tmp_path: Path) -> Path:
    """The administrator's kubeconfig with the namespace of the test in its context."""
    path = tmp_path / "admin"
    path.write_bytes(kubectl.kubeconfig.read_bytes())
    kubectl.must("config", f"--kubeconfig={path}", "set-context", "--current", f"--namespace={kubectl.namespace}")
    return path


def test_namespace_is_that_of_the_context_and_the_verdict_that_of_the_cluster(kubectl: Kubectl, admin: Path) -> None:
    machine_without_agent(kubectl, "old-vm", ["root"])
    stopped_machine(kubectl, "linux-vm", ["other-root"])
    manifests = as_text(machine_snapshot("a", "old-vm", keep="Never"), machine_snapshot("b", "linux-vm", keep="Never"))

    answer = snapgate("validate", "-f", "-", "-o", "json", kubeconfig=admin, given=manifests)

    assert (answer.code, answer.said) == (1, "")
    assert [
        (each["object"]["namespace"], each["verdict"], [finding["code"] for finding in each["findings"]])
        for each in json.loads(answer.output)["results"]
    ] == [(kubectl.namespace, "deny", ["ConsistencyUnavailable"]), (kubectl.namespace, "allow", [])]
    assert kubectl.names("vms") == []


def test_what_the_caller_may_not_read_is_undecided_and_named(kubectl: Kubectl, tmp_path: Path) -> None:
    stopped_machine(kubectl, "linux-vm", ["root"])
    account(kubectl, "carol", get_list=READABLE)
    carol = kubeconfig_of(kubectl, "carol", tmp_path / "carol")

    answer = snapgate("validate", "-f", "-", kubeconfig=carol, given=as_text(machine_snapshot("a", "linux-vm")))

    assert answer.code == 2
    assert "undecided" in answer.output
    assert f'User "system:serviceaccount:{kubectl.namespace}:carol" cannot' in answer.output
    assert "[FactUnknown]" in answer.output


def test_denial_that_can_be_seen_is_one_with_limited_rights_too(kubectl: Kubectl, tmp_path: Path) -> None:
    account(kubectl, "dave", get_list=READABLE)
    dave = kubeconfig_of(kubectl, "dave", tmp_path / "dave")
    answer = snapgate(
        "validate", "-f", "-", "--profile", "guard", kubeconfig=dave, given=as_text(machine_snapshot("a", "none"))
    )
    assert answer.code == 1
    assert "[MachineNotFound]" in answer.output


def test_token_that_is_not_taken_is_said_in_one_line(kubectl: Kubectl, tmp_path: Path) -> None:
    account(kubectl, "eve")
    eve = kubeconfig_of(kubectl, "eve", tmp_path / "eve")
    kubectl.must("delete", "serviceaccount", "eve")
    answer = snapgate("validate", "-f", "-", kubeconfig=eve, given=as_text(machine_snapshot("a", "linux-vm")))
    assert (answer.code, answer.output, answer.said.count("\n")) == (2, "", 1)
    assert answer.said.startswith("error: ")


def test_kubectl_finds_it_as_a_plugin(kubectl: Kubectl, admin: Path) -> None:
    done = subprocess.run(
        [kubectl.binary, "snapgate", "validate", "-f", "-"],
        input=PAGE_RESTORE,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env=os.environ | {"KUBECONFIG": str(admin), "PATH": f"{SNAPGATE.parent}:{os.environ['PATH']}"},
    )
    assert done.returncode == 1
    assert "write Restore [SchemaInvalid]" in done.stdout


def test_nothing_is_written_and_only_what_is_needed_is_read(kubectl: Kubectl, admin: Path, lab: RunningLab) -> None:
    stopped_machine(kubectl, "linux-vm", ["root"])
    before = len(lab.audit(kubectl.namespace))
    snapgate("validate", "-f", "-", kubeconfig=admin, given=as_text(machine_snapshot("a", "linux-vm", keep="Never")))
    asked = [
        record
        for record in lab.audit(kubectl.namespace)[before:]
        if record["user"]["username"] != "system:apiserver"
        and "snapgate" in record.get("userAgent", "")
        and not record["user"]["username"].startswith("system:serviceaccount:")
    ]
    assert {record["verb"] for record in asked} == {"get", "list"}
    assert "secrets" not in {record["objectRef"]["resource"] for record in asked}


def test_guides_commands_export_enough_to_check_without_the_cluster(
    kubectl: Kubectl, admin: Path, tmp_path: Path
) -> None:
    """The loop that docs/guide/check-manifests.md shows, as it is shown."""
    machine_without_agent(kubectl, "old-vm", ["root"])
    stopped_machine(kubectl, "linux-vm", ["other-root"])
    (tmp_path / "manifests").mkdir()
    (tmp_path / "manifests" / "a.yaml").write_text(
        as_text(machine_snapshot("a", "old-vm"), machine_snapshot("b", "linux-vm"))
    )
    guide = (CHECKOUT / "docs" / "guide" / "check-manifests.md").read_text()
    loop = guide.partition("<!-- export -->")[2].partition("<!-- /export -->")[0]
    subprocess.run(
        ["bash", "-euc", loop],
        cwd=tmp_path,
        check=True,
        timeout=120,
        env=os.environ | {"KUBECONFIG": str(admin), "PATH": f"{kubectl.binary.parent}:{os.environ['PATH']}"},
    )

    arguments = ("validate", "-f", str(tmp_path / "manifests"), "-o", "json", "-n", kubectl.namespace)
    online = snapgate(*arguments, kubeconfig=admin)
    offline = snapgate(*arguments, "--inventory", str(tmp_path / "inventory"))

    assert (offline.code, offline.said) == (1, "")
    assert offline.output == online.output
