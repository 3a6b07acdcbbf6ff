"""The same requests by admission, by server dry run, over HTTP, and by the command with and without the cluster."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import pytest

from tests.support.accounts import account, token
from tests.support.captured_machines import copy_of_snapshot, suffixed
from tests.support.copies import rule
from tests.support.kubectl import Answer, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import (
    disk_from,
    disk_snapshot,
    machine_snapshot,
    machine_without_agent,
    running_machine,
    stopped_machine,
)
from tests.support.operations import clone, restore
from tests.support.snapgate_command import as_text, snapgate
from tests.support.validation_service import call
from webhook.api.kinds import KINDS
from webhook.findings.actions import INFO
from webhook.findings.catalogue import CATALOGUE

_CODE: Final = re.compile(r"\[([A-Z][A-Za-z]+)\]")
_MERELY_WORTH_KNOWING: Final = frozenset(code.name for code in CATALOGUE if code.advisory == INFO)
"""kubectl is told of these when it asks by a dry run that is allowed, and not when it acts."""
Told = tuple[bool, tuple[str, ...]]
"""Whether it is allowed, and the codes of what was found."""
_GROUP: Final = "virtualization.deckhouse.io/v1alpha2"


def operation(name: str, type_: str, machine_name: str, **block: Any) -> dict[str, Any]:
    spec = {"type": type_, "virtualMachineName": machine_name, **block}
    return {"apiVersion": _GROUP, "kind": "VirtualMachineOperation", "metadata": {"name": name}, "spec": spec}


REQUESTS: Final[Mapping[str, Mapping[str, Any]]] = {
    "snapshot that is possible": machine_snapshot("snap", "off-vm", keep="Never"),
    "snapshot that needs an agent": machine_snapshot("snap", "old-vm"),
    "snapshot that gives up consistency": machine_snapshot("snap", "old-vm", required=False),
    "snapshot of a disk in use": disk_snapshot("snap", "old-root"),
    "snapshot of a disk that is not there": disk_snapshot("snap", "none"),
    "restore of a snapshot that is not there": restore("restore", "off-vm", "none"),
    "restore of a machine that is not there": restore("restore", "none", "none"),
    "dry run of a restore": restore("restore", "off-vm", "none", mode="DryRun"),
    "restore without its block": operation("restore", "Restore", "off-vm"),
    "start that is forced": operation("start", "Start", "off-vm", force=True),
    "clone without names": clone("copy", "off-vm"),
    "clone of a machine that runs": clone("copy", "on-vm", customization={"namePrefix": "copy-"}),
    "clone of a machine that is off": clone("copy", "off-vm", customization={"namePrefix": "copy-"}),
    "clone with a name that is taken": clone(
        "copy",
        "off-vm",
        nameReplacement=[
            {"from": {"kind": "VirtualMachine", "name": "off-vm"}, "to": "on-vm"},
            {"from": {"kind": "VirtualDisk", "name": "off-root"}, "to": "copy-root"},
        ],
    ),
    "rehearsal of a restore that is possible": restore("restore", "off-vm", "before", mode="DryRun"),
    "restore of the snapshot of another machine": restore("restore", "on-vm", "before"),
    "rehearsal of a copy that is possible, with a rule that is never used": copy_of_snapshot(
        "copy", snapshot="before", mode="DryRun", **suffixed(), nameReplacement=[rule("of-root", "root")]
    ),
    "copy of a snapshot with a name that is taken": copy_of_snapshot(
        "copy", snapshot="before", nameReplacement=[rule("off-vm", "on-vm"), rule("off-root", "copy-root")]
    ),
    "copy of a snapshot without names": copy_of_snapshot("copy", snapshot="before", customization={}),
    "copy of a snapshot that is not there": copy_of_snapshot("copy", snapshot="none"),
    "disk of a snapshot that is not there": disk_from("copy", "none", size="16Mi"),
}


REFUSED_BY_THE_SCHEMA: Final = frozenset({"clone without names", "start that is forced"})
"""The API server tells no reason behind its schema; the others tell all."""


def behind_the_schema(answers: Mapping[str, Told]) -> dict[str, Told]:
    """Of each answer what the API server told too."""
    _, told = answers["admission"]
    return {way: (allowed, tuple(code for code in codes if code in told)) for way, (allowed, codes) in answers.items()}


@pytest.fixture
def cluster(kubectl: Kubectl) -> None:
    machine_without_agent(kubectl, "old-vm", ["old-root"])
    stopped_machine(kubectl, "off-vm", ["off-root"])
    running_machine(kubectl, "on-vm", ["on-root"])
    kubectl.must_apply(machine_snapshot("before", "off-vm", keep="Never"))
    kubectl.wait("vms/before", "condition=Restorable")


def test_five_ways_of_asking_give_one_answer(kubectl: Kubectl, lab: RunningLab, cluster: None, tmp_path: Path) -> None:
    admin = tmp_path / "admin"
    admin.write_bytes(kubectl.kubeconfig.read_bytes())
    kubectl.must("config", f"--kubeconfig={admin}", "set-context", "--current", f"--namespace={kubectl.namespace}")
    account(kubectl, "asker")
    kubectl.must(
        "create", "rolebinding", "asker", "--clusterrole=cluster-admin", f"--serviceaccount={kubectl.namespace}:asker"
    )
    bearer = token(kubectl, "asker", audience="snapgate")
    inventory = exported(kubectl, tmp_path / "inventory")

    different: dict[str, Mapping[str, Any]] = {}
    for name, manifest in REQUESTS.items():
        text = as_text(manifest)
        placed = as_text({**manifest, "metadata": {**manifest["metadata"], "namespace": kubectl.namespace}})
        common = ("validate", "-f", "-", "-o", "json", "-n", kubectl.namespace)
        results = {
            "online": only(json.loads(snapgate(*common, kubeconfig=admin, given=text).output)),
            "offline": only(json.loads(snapgate(*common, "--inventory", str(inventory), given=text).output)),
            "HTTP": only(call(lab, placed, token=bearer).body),
        }
        if any(each != results["online"] for each in results.values()):
            different[f"{name}, word by word"] = results
        answers: dict[str, Told] = {way: of_result(result) for way, result in results.items()}
        answers["dry run"] = of_kubectl(kubectl.apply(manifest, flags=("--dry-run=server",)))
        # Last, because it changes the cluster; what it created goes before the next question.
        answers["admission"] = of_kubectl(kubectl.apply(manifest))
        kubectl.must("delete", "--ignore-not-found", "--wait", "-f", "-", given=text)
        if name in REFUSED_BY_THE_SCHEMA:
            answers = behind_the_schema(answers)
        if len(set(answers.values())) != 1:
            different[name] = answers
    assert different == {}


def exported(kubectl: Kubectl, directory: Path) -> Path:
    directory.mkdir()
    for kind in KINDS:
        listed = kubectl.run("get", kind.resource, "-A", "-o", "yaml")
        if listed.ok:
            (directory / f"{kind.plural}.yaml").write_text(listed.output)
    return directory


def of_kubectl(answer: Answer) -> Told:
    return answer.ok, tuple(sorted(set(_CODE.findall(answer.said)) - _MERELY_WORTH_KNOWING))


def only(answer: Any) -> Any:
    """The one result, without where the document was read."""
    (result,) = answer["results"]
    return {key: value for key, value in result.items() if key != "source"}


def of_result(result: Any) -> Told:
    assert result["verdict"] != "undecided", result
    codes = {finding["code"] for finding in result["findings"]}
    return result["verdict"] == "allow", tuple(sorted(codes - _MERELY_WORTH_KNOWING))
