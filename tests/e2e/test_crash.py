"""The reconciler dies by SIGKILL in the middle of a snapshot, and the next one brings it to an end."""

from __future__ import annotations

import pytest

from lab.machines.guest_log import GuestEvent
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import SLOW, TAKEN_UP, machine_snapshot, running_machine

MOMENTS = {
    "before it is seen": None,
    "when it is in progress": TAKEN_UP,
    "when the settings are saved": "jsonpath={.status.contentDigest}",
    "when the freeze was asked for": "jsonpath={.status.freeze.attempt}=1",
    "when the guest was thawed": "jsonpath={.status.freeze.thawedAt}",
}


@pytest.mark.parametrize("moment", MOMENTS.values(), ids=MOMENTS.keys())
def test_a_killed_reconciler_leaves_no_guest_frozen_and_no_snapshot_unfinished(
    kubectl: Kubectl, lab: RunningLab, moment: str | None
) -> None:
    running_machine(kubectl, "linux-vm", ("root", "data"), storage_class=SLOW)
    kubectl.must_apply(machine_snapshot("snap", "linux-vm"))
    if moment is not None:
        kubectl.wait("vms/snap", moment)

    lab.kill_leader()

    kubectl.wait_for_phase("vms/snap", "Ready", seconds=150)
    assert kubectl.get("vms", "snap")["status"]["consistent"] is True
    log = [record.event for record in lab.guest_log(kubectl.namespace)]
    assert log[-1] in {GuestEvent.THAWED, GuestEvent.AUTO_THAWED}
    assert log.count(GuestEvent.FROZEN) == len(log) - log.count(GuestEvent.FROZEN)
    children = kubectl.get("vms", "snap")["status"]["virtualDiskSnapshotNames"]
    assert kubectl.names("vds") == [
        f"virtualdisksnapshot.virtualization.deckhouse.io/{name}" for name in sorted(children)
    ]
    assert len(kubectl.names("volumesnapshot")) == len(children)
