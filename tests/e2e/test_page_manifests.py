"""The page's own manifests, as the page writes them; only placeholders are replaced."""

from __future__ import annotations

from tests.support.kubectl import Kubectl
from tests.support.machines import running_machine

DISK_SNAPSHOT = """\
apiVersion: virtualization.deckhouse.io/v1alpha2
kind: VirtualDiskSnapshot
metadata:
  name: linux-vm-root-$(date +%s)
spec:
  requiredConsistency: true
  virtualDiskName: linux-vm-root
""".replace("$(date +%s)", "1728027905")

MACHINE_SNAPSHOT = """\
apiVersion: virtualization.deckhouse.io/v1alpha2
kind: VirtualMachineSnapshot
metadata:
  name: linux-vm-snapshot
spec:
  virtualMachineName: linux-vm
  requiredConsistency: true
  keepIPAddress: Never
"""


def test_the_pages_disk_snapshot_becomes_ready(kubectl: Kubectl) -> None:
    running_machine(kubectl, "linux-vm", ("linux-vm-root",))

    kubectl.must("apply", "-f", "-", given=DISK_SNAPSHOT)
    kubectl.wait_for_phase("vdsnapshot/linux-vm-root-1728027905", "Ready")

    header, row = kubectl.must("get", "vdsnapshot").splitlines()
    assert header.split() == ["NAME", "PHASE", "CONSISTENT", "AGE"]
    assert row.split()[:3] == ["linux-vm-root-1728027905", "Ready", "true"]


def test_the_pages_machine_snapshot_becomes_ready_and_lists_what_it_saved(kubectl: Kubectl) -> None:
    running_machine(kubectl, "linux-vm", ("linux-vm-root",))

    kubectl.must("apply", "-f", "-", given=MACHINE_SNAPSHOT)
    kubectl.wait_for_phase("vmsnapshot/linux-vm-snapshot", "Ready")

    virtualization = "virtualization.deckhouse.io/v1alpha2"
    assert kubectl.get("vmsnapshot", "linux-vm-snapshot")["status"]["resources"] == [
        {"apiVersion": virtualization, "kind": "VirtualMachine", "name": "linux-vm"},
        {"apiVersion": virtualization, "kind": "VirtualDisk", "name": "linux-vm-root"},
    ]


def test_applying_a_finished_snapshot_again_changes_nothing(kubectl: Kubectl) -> None:
    running_machine(kubectl, "linux-vm", ("linux-vm-root",))
    kubectl.must("apply", "-f", "-", given=MACHINE_SNAPSHOT)
    kubectl.wait_for_phase("vmsnapshot/linux-vm-snapshot", "Ready")

    assert "unchanged" in kubectl.must("apply", "-f", "-", given=MACHINE_SNAPSHOT)
