from __future__ import annotations

import asyncio
from typing import Any

from tests.support.documents import MACHINE_SNAPSHOT, document
from tests.support.world import World
from webhook.api.reference import Reference
from webhook.evaluation.evaluate import Evaluation, Judged
from webhook.facts.request import Request
from webhook.findings.code import Action
from webhook.findings.finding import Finding, Holder
from webhook.findings.policy import Policy
from webhook.planning.plan import Plan, Step, StepKind
from webhook.validation.check import check
from webhook.validation.judgement import Evaluate, Judgement, over
from webhook.validation.result import results_of

MACHINE = Reference("VirtualMachine", "default", "linux-vm")
DISK = Reference("VirtualDisk", "default", "root")
CLASS = Reference("StorageClass", "", "fast")
HELD = Finding(
    "DiskUsedByAnotherMachine",
    True,
    "spec.virtualMachineName",
    "VirtualDisk root is attached to VirtualMachine billing",
    DISK,
    "kubectl delete vmbda billing-root",
    Holder("VirtualMachineBlockDeviceAttachment", "team", "billing-root", "billing", "Attached"),
)
TOLD = Finding("NewNetworkIdentity", False, "", "the copy gets a new address", MACHINE, None, Holder("Node", "", "n1"))


def results(text: str, evaluate: Evaluate) -> object:
    checked = asyncio.run(check(Judgement(evaluate, Policy(), "default"), [document(text)]))
    return results_of(checked.outcomes).model_dump()


def test_result_has_the_form_that_programs_rely_on() -> None:
    """A public contract: these names and no others, and null for what is absent."""

    async def evaluate(_request: Request, _sent: bytes) -> Evaluation:
        findings = (Judged(TOLD, Action.INFO), Judged(HELD, Action.DENY))
        steps = (
            Step(StepKind.REPLACE, DISK, Reference("VirtualDiskSnapshot", "default", "root-1"), "data of yesterday"),
            Step(StepKind.KEEP, CLASS),
        )
        return Evaluation(findings, Plan(steps))

    assert results(MACHINE_SNAPSHOT, evaluate) == {
        "results": (
            {
                "object": {
                    "apiVersion": "virtualization.deckhouse.io/v1alpha2",
                    "kind": "VirtualMachineSnapshot",
                    "namespace": "default",
                    "name": "monday",
                },
                "source": "a.yaml:1",
                "verdict": "deny",
                "findings": (
                    {
                        "code": "NewNetworkIdentity",
                        "class": "advisory",
                        "action": "info",
                        "field": None,
                        "message": "the copy gets a new address",
                        "holder": {"kind": "Node", "namespace": None, "name": "n1", "machine": None, "phase": None},
                        "remedy": None,
                    },
                    {
                        "code": "DiskUsedByAnotherMachine",
                        "class": "blocking",
                        "action": "deny",
                        "field": "spec.virtualMachineName",
                        "message": "VirtualDisk root is attached to VirtualMachine billing",
                        "holder": {
                            "kind": "VirtualMachineBlockDeviceAttachment",
                            "namespace": "team",
                            "name": "billing-root",
                            "machine": "billing",
                            "phase": "Attached",
                        },
                        "remedy": "kubectl delete vmbda billing-root",
                    },
                ),
                "plan": (
                    {
                        "step": "replace",
                        "object": {"kind": "VirtualDisk", "namespace": "default", "name": "root"},
                        "from": {"kind": "VirtualDiskSnapshot", "namespace": "default", "name": "root-1"},
                        "detail": "data of yesterday",
                    },
                    {
                        "step": "keep",
                        "object": {"kind": "StorageClass", "namespace": None, "name": "fast"},
                        "from": None,
                        "detail": None,
                    },
                ),
            },
        )
    }


def test_what_has_no_name_and_no_detail_has_null_for_it() -> None:
    async def evaluate(_request: Request, _sent: bytes) -> Evaluation:
        return Evaluation(plan=Plan((Step(StepKind.CREATE, Reference("Secret", "", "")),)))

    read: Any = results(MACHINE_SNAPSHOT, evaluate)
    (step,) = read["results"][0]["plan"]
    assert step == {
        "step": "create",
        "object": {"kind": "Secret", "namespace": None, "name": None},
        "from": None,
        "detail": None,
    }


def test_object_is_named_as_its_author_did() -> None:
    text = MACHINE_SNAPSHOT.replace("name: monday", "generateName: day-\n  namespace: team").replace("v1alpha2", "v2")
    found = results(text, over(World(), Policy()))
    assert isinstance(found, dict)
    assert found["results"][0]["object"] == {
        "apiVersion": "virtualization.deckhouse.io/v2",
        "kind": "VirtualMachineSnapshot",
        "namespace": "team",
        "name": "day-*",
    }
