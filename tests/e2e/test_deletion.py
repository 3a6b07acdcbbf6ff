"""Deleting a snapshot that something still needs."""

from __future__ import annotations

import pytest

from tests.support.kubectl import Kubectl
from tests.support.machines import WAITING, disk, disk_from, disk_snapshot


@pytest.fixture
def needed(kubectl: Kubectl) -> Kubectl:
    """A snapshot, and a disk that is being made of it: it waits for a machine to start with it."""
    kubectl.must_apply(disk("spare"))
    kubectl.wait_for_phase("vd/spare", "Ready")
    kubectl.must_apply(disk_snapshot("snap", "spare"))
    kubectl.wait_for_phase("vds/snap", "Ready")
    kubectl.must_apply(disk_from("copy", "snap", storage_class=WAITING))
    kubectl.wait_for_phase("vd/copy", "WaitForFirstConsumer")
    return kubectl


@pytest.mark.parametrize("what", [("vds", "snap"), ("vds", "--all")], ids=["by name", "all at once"])
def test_a_snapshot_that_a_disk_is_made_of_is_not_deleted(needed: Kubectl, what: tuple[str, str]) -> None:
    answer = needed.run("delete", *what)

    assert answer.code == 1
    assert "VirtualDisk copy (WaitForFirstConsumer) still needs VirtualDiskSnapshot snap" in answer.said
    assert "[SnapshotInUse]" in answer.said
    assert needed.names("vds") == ["virtualdisksnapshot.virtualization.deckhouse.io/snap"]


def test_it_is_deleted_once_nothing_needs_it(needed: Kubectl) -> None:
    needed.must("delete", "vd", "copy")

    needed.must("delete", "vds", "snap", "--timeout=60s")


def test_a_namespace_goes_with_all_its_snapshots(needed: Kubectl) -> None:
    needed.must("delete", "namespace", needed.namespace, "--timeout=100s")
