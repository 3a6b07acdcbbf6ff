from __future__ import annotations

import msgspec
import pytest

from webhook.api.decoding import UndecodableError, decode
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK, VirtualDiskSpec, VirtualDiskStatus
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT, VirtualDiskSnapshotStatus
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import (
    VIRTUAL_MACHINE_SNAPSHOT,
    KeepIPAddress,
    VirtualMachineSnapshotSpec,
)

DEEPER_THAN_ANY_STACK = 100_000


def test_a_status_that_is_absent_reads_as_empty() -> None:
    snapshot = decode(VIRTUAL_DISK_SNAPSHOT, b'{"metadata":{"name":"s"},"spec":{"virtualDiskName":"d"}}')
    assert snapshot.metadata.name == "s"
    assert snapshot.status == VirtualDiskSnapshotStatus()


def test_defaults_are_those_the_api_server_would_fill_in() -> None:
    snapshot = decode(VIRTUAL_MACHINE_SNAPSHOT, b'{"spec":{"virtualMachineName":"linux-vm"}}')
    assert snapshot.spec == VirtualMachineSnapshotSpec(
        virtual_machine_name="linux-vm", required_consistency=True, keep_ip_address=KeepIPAddress.ALWAYS
    )


def test_keep_ip_address_has_the_platforms_spelling() -> None:
    snapshot = decode(VIRTUAL_MACHINE_SNAPSHOT, b'{"spec":{"virtualMachineName":"linux-vm","keepIPAddress":"Never"}}')
    assert snapshot.spec.keep_ip_address == KeepIPAddress.NEVER


@pytest.mark.parametrize(
    "document",
    [
        b'{"spec":null,"status":null}',
        b'{"metadata":{"labels":null,"deletionTimestamp":null,"finalizers":null},"spec":{"dataSource":null}}',
        b'{"status":{"conditions":null,"target":{"persistentVolumeClaimName":null},"observedGeneration":null}}',
        b'{"status":{"attachedToVirtualMachines":[null]}}',
    ],
)
def test_a_null_counts_as_absent(document: bytes) -> None:
    disk = decode(VIRTUAL_DISK, document)
    assert (disk.spec, disk.status) == (VirtualDiskSpec(), VirtualDiskStatus())
    assert not disk.metadata.deleting


def test_a_null_beside_an_opaque_member_leaves_that_member_readable() -> None:
    machine = decode(
        VIRTUAL_MACHINE,
        b'{"metadata":{"labels":null},"spec":{"blockDeviceRefs":[]},'
        b'"status":{"restartAwaitingChanges":[{"path":"cpu.cores"}]}}',
    )
    assert [bytes(change) for change in machine.status.restart_awaiting_changes] == [b'{"path":"cpu.cores"}']


def test_what_the_struct_does_not_describe_is_ignored() -> None:
    disk = decode(VIRTUAL_DISK, b'{"kind":"VirtualDisk","spec":{"unheard":{"of":[1,null]}},"status":{"stats":{}}}')
    assert disk.spec == VirtualDiskSpec()


def test_a_size_written_as_a_bare_number_is_read() -> None:
    disk = decode(VIRTUAL_DISK, b'{"spec":{"persistentVolumeClaim":{"size":10737418240}}}')
    assert disk.spec.persistent_volume_claim.size == "10737418240"


def test_raw_json_is_read_like_bytes() -> None:
    claim = decode(PERSISTENT_VOLUME_CLAIM, msgspec.Raw(b'{"status":{"phase":"Bound"}}'))
    assert claim.status.phase == "Bound"


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"null", id="null"),
        pytest.param(b'{"spec":{}}', id="required member missing"),
        pytest.param(b'{"spec":{"virtualDiskName":null}}', id="required member null"),
        pytest.param(b'{"spec":{"virtualDiskName":7}}', id="wrong type"),
        pytest.param(b'{"spec":{"virtualDiskName":"\xff"}}', id="not UTF-8"),
        pytest.param(b'{"x":' + b"[" * DEEPER_THAN_ANY_STACK + b"]" * DEEPER_THAN_ANY_STACK + b"}", id="too deep"),
    ],
)
def test_an_object_without_the_promised_shape_is_undecodable(document: bytes) -> None:
    with pytest.raises(UndecodableError):
        decode(VIRTUAL_DISK_SNAPSHOT, document)


def test_undecodable_says_where() -> None:
    with pytest.raises(UndecodableError, match=r"\$\.spec\.virtualDiskName"):
        decode(VIRTUAL_DISK_SNAPSHOT, b'{"spec":{"virtualDiskName":7}}')


def test_addresses_networks_and_provisioning_of_a_machine_have_the_platforms_spelling() -> None:
    machine = decode(
        VIRTUAL_MACHINE,
        b'{"spec":{"blockDeviceRefs":[],"virtualMachineIPAddressName":"ip","provisioning":{"type":"SysprepRef",'
        b'"sysprepRef":{"name":"answers"}},"networks":[{"type":"Network","name":"lan","id":2,'
        b'"virtualMachineMACAddressName":"mac"}]},"status":{"virtualMachineIPAddressName":"ip","ipAddress":"10.0.0.1",'
        b'"networks":[{"type":"Network","macAddress":"02:00:00:00:00:01","virtualMachineMACAddressName":"mac"}]}}',
    )
    assert machine.spec.provisioning is not None
    assert machine.spec.provisioning.secret_name == "answers"
    assert (machine.spec.ip_address_name, machine.spec.networks[0].mac_address_name) == ("ip", "mac")
    assert (machine.status.ip_address_name, machine.status.ip_address) == ("ip", "10.0.0.1")
    (network,) = machine.status.networks
    assert (network.mac_address_name, network.mac_address) == ("mac", "02:00:00:00:00:01")


def test_an_operation_stays_readable_whose_record_of_an_old_disk_is_from_an_earlier_crd() -> None:
    """That CRD pruned the uid. An operation that nobody can read leaves its machine stopped for good."""
    operation = decode(
        VIRTUAL_MACHINE_OPERATION,
        b'{"spec":{"type":"Restore","virtualMachineName":"linux-vm"},"status":{"phase":"InProgress",'
        b'"retainedVolumes":[{"virtualDiskName":"root","disk":"{}","persistentVolumeName":"pv"}]}}',
    )
    assert [each.virtual_disk_uid for each in operation.status.retained_volumes] == [""]
