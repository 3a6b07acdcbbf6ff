from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from webhook.api.kind import Kind
from webhook.api.kinds import KINDS
from webhook.api.reference import Reference, reference_to
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshot, VirtualDiskSnapshotSpec
from webhook.api.virtual_machine import VIRTUAL_MACHINE

GROUP_PATH = "/apis/virtualization.deckhouse.io/v1alpha2"


@pytest.mark.parametrize(
    ("kind", "arguments", "path"),
    [
        (VIRTUAL_MACHINE, {}, f"{GROUP_PATH}/virtualmachines"),
        (VIRTUAL_MACHINE, {"namespace": "ns"}, f"{GROUP_PATH}/namespaces/ns/virtualmachines"),
        (VIRTUAL_MACHINE, {"namespace": "ns", "name": "vm"}, f"{GROUP_PATH}/namespaces/ns/virtualmachines/vm"),
        (
            VIRTUAL_MACHINE,
            {"namespace": "ns", "name": "vm", "subresource": "status"},
            f"{GROUP_PATH}/namespaces/ns/virtualmachines/vm/status",
        ),
        (
            PERSISTENT_VOLUME_CLAIM,
            {"namespace": "ns", "name": "data"},
            "/api/v1/namespaces/ns/persistentvolumeclaims/data",
        ),
        (STORAGE_CLASS, {"name": "fast"}, "/apis/storage.k8s.io/v1/storageclasses/fast"),
        (STORAGE_CLASS, {"namespace": "ns", "name": "fast"}, "/apis/storage.k8s.io/v1/storageclasses/fast"),
    ],
)
def test_objects_are_served_under_their_kinds_path(kind: Kind[Any], arguments: dict[str, str], path: str) -> None:
    assert kind.path(**arguments) == path


def test_a_name_cannot_reach_beyond_its_own_segment() -> None:
    assert VIRTUAL_MACHINE.path("ns", "../../secrets/s?x#y%2F") == (
        f"{GROUP_PATH}/namespaces/ns/virtualmachines/..%2F..%2Fsecrets%2Fs%3Fx%23y%252F"
    )


def test_the_core_group_has_no_name() -> None:
    assert (PERSISTENT_VOLUME_CLAIM.api_version, PERSISTENT_VOLUME_CLAIM.resource) == ("v1", "persistentvolumeclaims")


def test_a_resource_carries_its_group() -> None:
    assert VIRTUAL_DISK_SNAPSHOT.api_version == "virtualization.deckhouse.io/v1alpha2"
    assert VIRTUAL_DISK_SNAPSHOT.resource == "virtualdisksnapshots.virtualization.deckhouse.io"


def test_no_two_kinds_share_a_resource_or_a_short_name() -> None:
    names = Counter(kind.resource for kind in KINDS)
    names.update(name for kind in KINDS if kind.definition for name in kind.definition.short_names)
    assert {name: count for name, count in names.items() if count > 1} == {}


def test_a_reference_reads_as_kind_and_name() -> None:
    snapshot = VirtualDiskSnapshot(spec=VirtualDiskSnapshotSpec(virtual_disk_name="d"))
    assert reference_to(VIRTUAL_DISK_SNAPSHOT, snapshot) == Reference("VirtualDiskSnapshot", "", "")
    assert str(Reference("VirtualMachine", "ns", "linux-vm")) == "VirtualMachine linux-vm"
