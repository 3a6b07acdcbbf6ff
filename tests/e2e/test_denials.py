"""What kubectl prints when the answer is no: the whole text is what the user gets, so the whole text is asserted."""

from __future__ import annotations

from tests.support.kubectl import Kubectl
from tests.support.machines import (
    SLOW,
    disk,
    disk_snapshot,
    machine_snapshot,
    machine_without_agent,
    without_agent,
)

BIGGER = '{"spec":{"persistentVolumeClaim":{"size":"32Mi"}}}'

TWO_REASONS = """\
The VirtualMachineSnapshot "snap" is invalid:\x20
* spec.requiredConsistency: VirtualMachine old-vm is Running and cannot be frozen, its guest agent is not ready; \
stop the machine, run qemu-guest-agent in it, or set spec.requiredConsistency: false [ConsistencyUnavailable]
* spec.virtualMachineName: VirtualDisk root is being resized from 16Mi to 32Mi; \
wait: kubectl wait vd/root --for=jsonpath={.status.phase}=Ready [DiskResizing]
"""

ONE_REASON_OF_ONE_OF_TWO = (
    "spec.requiredConsistency: VirtualMachine old-vm is Running and cannot be frozen, its guest agent is not ready; "
    "stop the machine, run qemu-guest-agent in it, or set spec.requiredConsistency: false [ConsistencyUnavailable]"
)


def test_every_reason_is_told_at_once(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("root", storage_class=SLOW), without_agent("old-vm", ["root"]))
    kubectl.wait_for_phase("vm/old-vm", "Running")
    kubectl.must("patch", "vd", "root", "--type=merge", f"--patch={BIGGER}")
    kubectl.wait_for_phase("vd/root", "Resizing")

    answer = kubectl.apply(machine_snapshot("snap", "old-vm", keep="Never"))

    assert (answer.code, answer.said) == (1, TWO_REASONS)


def test_reasons_are_told_when_several_documents_are_applied(kubectl: Kubectl) -> None:
    machine_without_agent(kubectl, "old-vm", ("root",))

    answer = kubectl.apply(disk_snapshot("possible", "root", required=False), machine_snapshot("impossible", "old-vm"))

    assert answer.code == 1
    assert ONE_REASON_OF_ONE_OF_TWO in answer.said
    assert kubectl.names("vds") == ["virtualdisksnapshot.virtualization.deckhouse.io/possible"]
    assert kubectl.names("vms") == []


def test_a_mistyped_field_is_refused_by_the_schema(kubectl: Kubectl) -> None:
    mistyped = disk_snapshot("snap", "root")
    mistyped["spec"]["virtualDiskNam"] = mistyped["spec"].pop("virtualDiskName")

    answer = kubectl.apply(mistyped)

    assert answer.code == 1
    assert "spec.virtualDiskNam" in answer.said
