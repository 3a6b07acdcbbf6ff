"""Snapshots of real guests: what a freeze is good for, on real file systems."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from lab.machines.guest_log import GuestEvent
from lab.qemu.packages import reason_without_guests
from tests.e2e.conftest import LAB
from tests.support.ext4 import needs_recovery
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab, running_lab
from tests.support.machines import attachment, claim_of, disk, disk_from, machine_snapshot
from tests.support.real_guests import RealGuest, counter_on, guest_on, hooks_on, real_guest, until_seen

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif(bool(reason_without_guests()), reason=reason_without_guests()),
]


@pytest.fixture(scope="module")
def lab() -> Iterator[RunningLab]:
    """Another one than that of all other tests, and no longer there than these take."""
    with running_lab(f"{LAB}-real", machines="qemu") as running:
        yield running


def test_a_snapshot_of_a_running_guest_is_clean_and_holds_what_was_written_before_the_freeze(
    kubectl: Kubectl, lab: RunningLab
) -> None:
    guest = real_guest(kubectl, lab, ("root", "data"))
    before = guest.counter()

    _snapshot(guest, required=True)

    after = guest.counter()
    images = _images(guest)
    assert [needs_recovery(image) for image in images] == [False, False]
    assert all(before <= counter_on(image) <= after + 1 for image in images)
    guest.runs_on()


def test_a_snapshot_without_a_freeze_needs_recovery(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab, ("root", "data"))

    _snapshot(guest, required=False)

    assert [needs_recovery(image) for image in _images(guest)] == [True, True]
    assert lab.guest_log(kubectl.namespace) == []


@pytest.mark.parametrize("frozen", [True, False], ids=["frozen", "not frozen"])
def test_a_recovered_disk_is_as_clean_as_it_was_cut_and_another_machine_goes_on_with_it(
    kubectl: Kubectl, lab: RunningLab, *, frozen: bool
) -> None:
    guest = real_guest(kubectl, lab)
    _snapshot(guest, required=frozen)
    (child,) = kubectl.get("vms", "snap")["status"]["virtualDiskSnapshotNames"]
    (cut,) = _images(guest)

    kubectl.must_apply(disk_from("recovered", child))
    kubectl.wait_for_phase("vd/recovered", "Ready", seconds=150)

    image = lab.volume(kubectl, claim_of(kubectl, "recovered"))
    assert needs_recovery(image) is not frozen
    assert image.read_bytes() == cut.read_bytes()
    second = guest_on(kubectl, lab, "second-vm", ("recovered",))
    guest.runs_on()
    if frozen:
        assert second.counter() > counter_on(cut)


def test_the_hook_in_the_guest_runs_before_the_freeze_and_after_the_thaw(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab)

    _snapshot(guest, required=True)
    (first,) = _images(guest)
    _snapshot(guest, required=True, name="next")
    (second,) = _images(guest, name="next")

    ((when, counter),) = hooks_on(first)
    assert (when, counter <= counter_on(first)) == ("freeze", True)
    assert [when for when, _ in hooks_on(second)] == ["freeze", "thaw", "freeze"]
    assert counter_on(first) <= hooks_on(second)[1][1]


def test_how_long_the_guest_was_frozen_is_told(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab)

    _snapshot(guest, required=True)

    freeze = kubectl.get("vms", "snap")["status"]["freeze"]
    requested, thawed = (datetime.fromisoformat(freeze[each]) for each in ("requestedAt", "thawedAt"))
    frozen, released = lab.guest_log(kubectl.namespace)
    assert (frozen.event, released.event) == (GuestEvent.FROZEN, GuestEvent.THAWED)
    assert requested <= frozen.time <= released.time <= thawed
    assert 0 < released.frozen_seconds <= (thawed - requested).total_seconds()


def test_a_guest_whose_hook_refuses_the_freeze_is_not_captured_and_runs_on(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab, annotations={"lab.snapgate/freeze": "refused"})

    kubectl.must_apply(machine_snapshot("snap", guest.name))

    kubectl.wait_for_phase("vms/snap", "Failed", seconds=150)
    assert lab.guest_log(kubectl.namespace) == []
    guest.runs_on()


def test_a_guest_that_nobody_thaws_is_thawed_at_its_deadline(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab)

    guest.freeze(seconds=2)

    guest.thaws_by_itself()


def test_a_guest_survives_the_process_that_runs_it_and_is_thawed_by_the_next(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab)
    guest.freeze(seconds=3)

    lab.kill("machines")

    guest.thaws_by_itself()
    assert guest.boots() == 1
    kubectl.must("patch", "vm", guest.name, "--type=merge", '--patch={"spec":{"runPolicy":"AlwaysOff"}}')
    kubectl.wait_for_phase(f"vm/{guest.name}", "Stopped", seconds=150)


def test_a_guest_that_is_shut_down_leaves_clean_disks_and_goes_on_where_it_was(
    kubectl: Kubectl, lab: RunningLab
) -> None:
    guest = real_guest(kubectl, lab)

    kubectl.must("patch", "vm", guest.name, "--type=merge", '--patch={"spec":{"runPolicy":"AlwaysOff"}}')
    kubectl.wait_for_phase(f"vm/{guest.name}", "Stopped", seconds=150)
    image = lab.volume(kubectl, claim_of(kubectl, "root"))
    written = guest.counter()
    assert not needs_recovery(image)
    assert counter_on(image) in {written, written + 1}

    kubectl.must("patch", "vm", guest.name, "--type=merge", '--patch={"spec":{"runPolicy":"AlwaysOn"}}')
    until_seen(lambda: guest.boots() == 2, "the guest is not started again")
    guest.runs_on()
    assert guest.counter() > written


def test_a_guest_that_dies_is_started_again(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab)
    before = guest.counter()

    lab.kill_guest(guest.uid)

    until_seen(lambda: guest.boots() == 2, "the guest is not started again")
    guest.agent_answers()
    guest.runs_on()
    assert guest.counter() >= before


def test_a_disk_can_be_plugged_into_a_running_guest_and_is_captured_with_it(kubectl: Kubectl, lab: RunningLab) -> None:
    guest = real_guest(kubectl, lab)
    kubectl.must_apply(disk("extra", size="32Mi"), attachment("plug", guest.name, "extra"))
    kubectl.wait_for_phase("vmbda/plug", "Attached", seconds=150)
    guest.says("mounted /disks/vdb")

    _snapshot(guest, required=True)

    assert [needs_recovery(image) for image in _images(guest)] == [False, False]
    kubectl.must("delete", "vmbda", "plug")
    until_seen(lambda: len(kubectl.get("vm", guest.name)["status"]["blockDeviceRefs"]) == 1, "it is not unplugged")
    image = lab.volume(kubectl, claim_of(kubectl, "extra"))
    assert not needs_recovery(image)
    guest.runs_on()


def _snapshot(guest: RealGuest, *, required: bool, name: str = "snap") -> None:
    guest.kubectl.must_apply(machine_snapshot(name, guest.name, required=required))
    guest.kubectl.wait_for_phase(f"vms/{name}", "Ready", seconds=150)


def _images(guest: RealGuest, name: str = "snap") -> list[Path]:
    children = guest.kubectl.get("vms", name)["status"]["virtualDiskSnapshotNames"]
    return [guest.lab.snapshot(guest.kubectl, child) for child in children]
