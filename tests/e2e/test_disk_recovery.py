"""A disk is lost and comes back from its snapshot, through kubectl, on real storage."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.data_exports import data_export
from tests.support.foreign_kinds import served
from tests.support.kubectl import Json, Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import (
    CLASS,
    SLOW,
    WAITING,
    claim_of,
    disk,
    disk_from,
    disk_snapshot,
    machine,
    machine_snapshot,
    running_machine,
    stopped_machine,
)
from tests.support.manifests import identified
from tests.support.waiting import until
from webhook.api.data_export import DATA_EXPORT

SNAPSHOT = "linux-vm-root-1728027905"
PAGE = """\
apiVersion: virtualization.deckhouse.io/v1alpha2
kind: VirtualDisk
metadata:
  name: linux-vm-root
spec:
  persistentVolumeClaim:
    size: 10Gi
    # Substitute your StorageClass name.
    storageClassName: i-sds-replicated-thin-r2
  dataSource:
    type: ObjectRef
    objectRef:
      kind: VirtualDiskSnapshot
      name: linux-vm-root-1728027905
""".replace("i-sds-replicated-thin-r2", CLASS).replace("10Gi", "16Mi")
"""As the page has it; the class is to be substituted, and the size is that of the original."""

SMALLER = f"""\
The VirtualDisk "linux-vm-root" is invalid: spec.persistentVolumeClaim.size: 8Mi is less than the 16Mi of \
VirtualDiskSnapshot {SNAPSHOT}; set spec.persistentVolumeClaim.size: 16Mi [DiskSmallerThanSnapshot]
"""
ANOTHER_DRIVER = """\
The VirtualDisk "linux-vm-root" is invalid: spec.persistentVolumeClaim.storageClassName: StorageClass other-storage is \
of driver other.csi.example.com, the snapshot of directory.csi.snapgate.lab; \
set storageClassName: lab-directory [StorageDriverDiffers]
"""
STILL_THERE = """\
The VirtualDisk "linux-vm-root" is invalid: spec.dataSource: VirtualDisk linux-vm-root is Ready and cannot get another \
dataSource; recover under another name, or delete it first: kubectl delete vd linux-vm-root [DiskSourceImmutable]
"""
FAILED_BEFORE = "Warning: stays Pending: VirtualDiskSnapshot later does not exist in namespace "
OFFSET = 1024**2
"""Running guests write near the beginning."""
BEFORE = os.urandom(4096)
AFTER = os.urandom(4096)


def volume_of(kubectl: Kubectl, lab: RunningLab, name: str) -> Path:
    return lab.volume(kubectl, claim_of(kubectl, name))


def write(volume: Path, data: bytes) -> None:
    with volume.open("r+b") as file:
        file.seek(OFFSET)
        file.write(data)


def read(volume: Path) -> bytes:
    with volume.open("rb") as file:
        file.seek(OFFSET)
        return file.read(len(BEFORE))


@pytest.fixture
def captured(kubectl: Kubectl, lab: RunningLab) -> Kubectl:
    """A disk with a snapshot of what was on it before."""
    kubectl.must_apply(disk("linux-vm-root"))
    kubectl.wait_for_phase("vd/linux-vm-root", "Ready")
    write(volume_of(kubectl, lab, "linux-vm-root"), BEFORE)
    kubectl.must_apply(disk_snapshot(SNAPSHOT, "linux-vm-root"))
    kubectl.wait_for_phase(f"vdsnapshot/{SNAPSHOT}", "Ready")
    write(volume_of(kubectl, lab, "linux-vm-root"), AFTER)
    return kubectl


@pytest.fixture
def lost(captured: Kubectl) -> Kubectl:
    captured.must("delete", "vd", "linux-vm-root")
    return captured


@pytest.fixture
def other_storage(lab: RunningLab) -> Iterator[str]:
    kubectl = lab.kubectl("default")
    name = "other-storage"
    kubectl.must_apply(
        {
            "apiVersion": "storage.k8s.io/v1",
            "kind": "StorageClass",
            "metadata": {"name": name},
            "provisioner": "other.csi.example.com",
        }
    )
    yield name
    kubectl.must("delete", "storageclass", name)


def test_the_pages_manifest_brings_the_lost_disk_back(lost: Kubectl, lab: RunningLab) -> None:
    lost.must("apply", "-f", "-", given=PAGE)
    lost.wait_for_phase("vd/linux-vm-root", "Ready")

    assert read(volume_of(lost, lab, "linux-vm-root")) == BEFORE
    status = lost.get("vd", "linux-vm-root")["status"]
    assert (status["capacity"], status["storageClassName"], status["progress"]) == ("16Mi", CLASS, "100%")
    assert {each["type"]: each["status"] for each in status["conditions"]} == {
        "StorageClassReady": "True",
        "DatasourceReady": "True",
        "Ready": "True",
    }
    events = lost.events_of("linux-vm-root", last="DataSourceImportStarted")
    assert [(each["type"], each["reason"]) for each in events] == [("Normal", "DataSourceImportStarted")]


def test_applying_the_pages_manifest_again_changes_nothing(lost: Kubectl) -> None:
    lost.must("apply", "-f", "-", given=PAGE)
    lost.wait_for_phase("vd/linux-vm-root", "Ready")

    assert "unchanged" in lost.must("apply", "-f", "-", given=PAGE)


def test_a_machine_runs_with_the_disk_that_came_back(lost: Kubectl) -> None:
    lost.must_apply(disk_from("linux-vm-root", SNAPSHOT), machine("linux-vm", ["linux-vm-root"]))

    lost.wait_for_phase("vm/linux-vm", "Running")
    lost.wait("vd/linux-vm-root", "jsonpath={.status.attachedToVirtualMachines[0].mounted}=true")
    assert users_of(lost, "linux-vm-root") == [{"name": "linux-vm", "mounted": True}]


def test_the_disk_may_be_larger_and_keeps_the_class_of_the_original(lost: Kubectl, lab: RunningLab) -> None:
    lost.must_apply(disk_from("linux-vm-root", SNAPSHOT, size="32Mi"))
    lost.wait_for_phase("vd/linux-vm-root", "Ready")

    status = lost.get("vd", "linux-vm-root")["status"]
    assert (status["capacity"], status["storageClassName"]) == ("32Mi", CLASS)
    assert volume_of(lost, lab, "linux-vm-root").stat().st_size == 32 * 1024**2
    assert read(volume_of(lost, lab, "linux-vm-root")) == BEFORE


def test_a_disk_of_a_waiting_class_gets_its_bytes_when_a_machine_starts(lost: Kubectl, lab: RunningLab) -> None:
    answer = lost.apply(disk_from("linux-vm-root", SNAPSHOT, storage_class=WAITING))
    assert "[StorageClassDiffers]" in answer.said
    lost.wait_for_phase("vd/linux-vm-root", "WaitForFirstConsumer")

    lost.must_apply(machine("linux-vm", ["linux-vm-root"]))

    lost.wait_for_phase("vd/linux-vm-root", "Ready")
    lost.wait_for_phase("vm/linux-vm", "Running")
    assert read(volume_of(lost, lab, "linux-vm-root")) == BEFORE


def test_the_disk_waits_for_its_snapshot(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("data", storage_class=SLOW))
    kubectl.wait_for_phase("vd/data", "Ready")

    answer = kubectl.apply(disk_from("copy", "later"))
    kubectl.wait_for_phase("vd/copy", "Pending")
    assert answer.said.startswith(FAILED_BEFORE)
    kubectl.must_apply(disk_snapshot("later", "data"))
    kubectl.wait("vd/copy", "jsonpath={.status.conditions[?(@.type=='Ready')].reason}=DatasourceIsNotReady")

    kubectl.wait_for_phase("vd/copy", "Ready", seconds=150)


def test_a_smaller_disk_is_denied(lost: Kubectl) -> None:
    answer = lost.apply(disk_from("linux-vm-root", SNAPSHOT, size="8Mi"))

    assert (answer.code, answer.said) == (1, SMALLER)


def test_a_disk_on_another_storage_system_is_denied(lost: Kubectl, other_storage: str) -> None:
    answer = lost.apply(disk_from("linux-vm-root", SNAPSHOT, storage_class=other_storage))

    assert (answer.code, answer.said) == (1, ANOTHER_DRIVER)


def test_a_disk_that_is_still_there_is_not_overwritten_in_appearance(captured: Kubectl, lab: RunningLab) -> None:
    answer = captured.run("apply", "-f", "-", given=PAGE)

    assert (answer.code, answer.said) == (1, STILL_THERE)
    assert read(volume_of(captured, lab, "linux-vm-root")) == AFTER


def test_the_disk_is_not_enlarged_while_its_snapshot_is_taken(kubectl: Kubectl) -> None:
    kubectl.must_apply(disk("data", storage_class=SLOW))
    kubectl.wait_for_phase("vd/data", "Ready")
    kubectl.must_apply(disk_snapshot("snap", "data"))
    kubectl.wait_for_phase("vds/snap", "InProgress")

    larger = kubectl.apply(disk("data", size="32Mi", storage_class=SLOW))

    assert larger.code == 1
    assert "VirtualDiskSnapshot snap of the disk is InProgress" in larger.said


def test_nothing_is_left_of_a_disk_that_came_back_and_is_deleted(lost: Kubectl) -> None:
    lost.must_apply(disk_from("linux-vm-root", SNAPSHOT), disk_from("waits", SNAPSHOT, storage_class=WAITING))
    lost.wait_for_phase("vd/linux-vm-root", "Ready")
    lost.wait_for_phase("vd/waits", "WaitForFirstConsumer")
    claims = [claim_of(lost, name) for name in ("linux-vm-root", "waits")]

    lost.must("delete", "vd", "linux-vm-root", "waits", "--timeout=60s")

    for claim in claims:
        lost.wait(f"pvc/{claim}", "delete", seconds=150)
    lost.must("delete", "vds", SNAPSHOT, "--timeout=60s")


def test_a_killed_reconciler_leaves_one_claim_with_the_bytes(lost: Kubectl, lab: RunningLab) -> None:
    lost.must_apply(disk_from("linux-vm-root", SNAPSHOT))
    lab.kill_leader()

    lost.wait_for_phase("vd/linux-vm-root", "Ready", seconds=150)
    assert read(volume_of(lost, lab, "linux-vm-root")) == BEFORE
    uid = lost.get("vd", "linux-vm-root")["metadata"]["uid"]
    assert [name for name in lost.names("pvc") if uid in name] == [
        f"persistentvolumeclaim/{claim_of(lost, 'linux-vm-root')}"
    ]


def test_a_disk_is_put_back_on_the_volume_it_had(captured: Kubectl, lab: RunningLab) -> None:
    kept = captured.get("pvc", claim_of(captured, "linux-vm-root"))["spec"]["volumeName"]
    keep: Json = {
        "metadata": {"annotations": {"virtualization.deckhouse.io/kept-reclaim-policy": "Delete"}},
        "spec": {"persistentVolumeReclaimPolicy": "Retain"},
    }
    patch(captured, "pv", kept, keep)
    captured.must("delete", "vd", "linux-vm-root")

    put_back = {"virtualization.deckhouse.io/retained-volume": kept}
    captured.must_apply(disk_from("linux-vm-root", "gone", annotations=put_back))

    captured.wait_for_phase("vd/linux-vm-root", "Ready")
    assert captured.get("pvc", claim_of(captured, "linux-vm-root"))["spec"]["volumeName"] == kept
    assert read(volume_of(captured, lab, "linux-vm-root")) == AFTER
    assert captured.get("pv", kept)["spec"]["persistentVolumeReclaimPolicy"] == "Delete"


def test_people_keep_their_hands_off_the_secret_of_a_snapshot(kubectl: Kubectl) -> None:
    stopped_machine(kubectl, "linux-vm", ("root",))
    kubectl.must_apply(machine_snapshot("before-upgrade", "linux-vm"))
    kubectl.wait_for_phase("vms/before-upgrade", "Ready")
    secret = kubectl.get("vms", "before-upgrade")["status"]["virtualMachineSnapshotSecretName"]

    for answer in (
        kubectl.run("delete", "secret", secret),
        kubectl.run("patch", "secret", secret, "--type=merge", '--patch={"data":{"vm":"e30="}}'),
        kubectl.run(
            "create", "secret", "generic", "mine", "--type=virtualmachine.virtualization.deckhouse.io/snapshot"
        ),
    ):
        assert answer.code == 1
        assert "[SnapshotContentProtected]" in answer.said
    kubectl.must("label", "secret", secret, "kept=true")
    kubectl.must("create", "secret", "generic", "theirs", "--from-literal=a=b")
    kubectl.must("delete", "secret", "theirs")
    kubectl.must("delete", "vms", "before-upgrade", "--timeout=60s")
    kubectl.wait(f"secret/{secret}", "delete", seconds=150)


@pytest.fixture
def export_module(lab: RunningLab) -> Iterator[None]:
    """The module that exports data is installed while Snapgate runs."""
    with served(lab.kubectl("default"), DATA_EXPORT):
        yield


@pytest.mark.usefixtures("export_module")
def test_a_disk_in_use_is_not_exported(kubectl: Kubectl) -> None:
    running_machine(kubectl, "linux-vm", ("root",))
    export = identified(DATA_EXPORT, data_export("export", disk="root"))

    answer = kubectl.apply(export)

    assert answer.code == 1
    assert "VirtualDisk root is in use by VirtualMachine linux-vm (Running)" in answer.said
    kubectl.must("delete", "vm", "linux-vm")
    until(lambda: not users_of(kubectl, "root"), "the disk keeps the machine that is gone", seconds=60, every=0.2)
    kubectl.must_apply(export)


def users_of(kubectl: Kubectl, name: str) -> list[Json]:
    """Machines, as the disk's status has them: it is told of them after they have gone."""
    found: list[Json] = kubectl.get("vd", name)["status"].get("attachedToVirtualMachines", [])
    return found


def patch(kubectl: Kubectl, kind: str, name: str, change: Json) -> None:
    kubectl.must("patch", kind, name, "--type=merge", f"--patch={json.dumps(change)}")
