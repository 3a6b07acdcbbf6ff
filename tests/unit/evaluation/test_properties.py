"""What holds whatever the facts are."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support import dependency_manifests, manifests, source_manifests
from tests.support.manifests import Json
from tests.support.requests import create, delete, snapshot_of_disk, snapshot_of_machine, update
from tests.support.world import World
from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.data_export import DATA_EXPORT
from webhook.api.decoding import UndecodableError
from webhook.api.image import Phase as ImagePhase
from webhook.api.kind import Kind
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk import Phase as DiskPhase
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_disk_snapshot import Phase as SnapshotPhase
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine import ConditionType as MachineCondition
from webhook.api.virtual_machine import Phase as MachinePhase
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_block_device_attachment import Phase as AttachmentPhase
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS, AddressType
from webhook.api.virtual_machine_ip_address import Phase as AddressPhase
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_operation import Phase as OperationPhase
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.evaluation.evaluate import evaluate
from webhook.facts.request import Request
from webhook.facts.source import UnreadableError
from webhook.findings.catalogue import CODES
from webhook.findings.code import Profile
from webhook.findings.policy import Policy

Objects = list[tuple[Kind[Any], Json]]

DISKS: Final = ("a", "b", "c")
MACHINES: Final = ("one", "two")
NAMES: Final = ("x", "y")
DRIVERS: Final = ("", "fast.example.com", "slow.example.com")

disk_phases = st.sampled_from([*DiskPhase, "", "Unheard"])
machine_phases = st.sampled_from([*MachinePhase, "", "Unheard"])
sizes = st.sampled_from(["", "10Gi", "20Gi", "1e3", "many"])
written_sizes = st.one_of(sizes, st.just(10 * 1024**3))
drivers = st.sampled_from(DRIVERS)


def some(names: tuple[str, ...]) -> st.SearchStrategy[list[str]]:
    return st.lists(st.sampled_from(names), max_size=4)


disks = st.builds(
    manifests.disk,
    st.sampled_from(DISKS),
    phase=disk_phases,
    size=written_sizes,
    capacity=sizes,
    users=some((*MACHINES, "gone")),
    resizing=st.booleans(),
    deleting=st.booleans(),
    snapshot=st.sampled_from(("", *NAMES)),
)
machines = st.builds(
    manifests.machine,
    st.sampled_from(MACHINES),
    disks=some(DISKS),
    hotplugged=some(DISKS),
    images=some(("iso", "tools")),
    phase=machine_phases,
    agent=st.booleans(),
    pending_changes=st.booleans(),
    deleting=st.booleans(),
    plugged_in=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(DISKS), max_size=2),
    unmet=st.lists(st.sampled_from(MachineCondition), unique=True, max_size=3),
    address=st.sampled_from(("", *NAMES)),
    mac_addresses=st.lists(st.sampled_from(NAMES), max_size=2),
    class_name=st.sampled_from(("", *NAMES)),
    provisioning_secret=st.sampled_from(("", *NAMES)),
)
owners = st.sampled_from(("", *MACHINES))
operation_phases = st.sampled_from(["", *OperationPhase])
images = st.builds(
    dependency_manifests.image,
    st.sampled_from(("iso", "tools")),
    phase=st.sampled_from(ImagePhase),
    deleting=st.booleans(),
)
addresses = st.builds(
    dependency_manifests.ip_address,
    st.sampled_from(NAMES),
    of=owners,
    type_=st.sampled_from(AddressType),
    phase=st.sampled_from(AddressPhase),
)
mac_addresses = st.builds(
    dependency_manifests.mac_address, st.sampled_from(NAMES), of=owners, phase=st.sampled_from(AddressPhase)
)
attachments = st.builds(
    dependency_manifests.attachment,
    st.sampled_from(NAMES),
    of=st.sampled_from(MACHINES),
    disk=st.sampled_from(DISKS),
    phase=st.sampled_from(AttachmentPhase),
    deleting=st.booleans(),
)
restores = st.builds(
    dependency_manifests.restore,
    st.sampled_from(NAMES),
    of=st.sampled_from(MACHINES),
    snapshot=st.sampled_from(NAMES),
    phase=operation_phases,
)
claims = st.builds(
    manifests.claim,
    st.sampled_from(DISKS),
    phase=st.sampled_from(["Bound", "Pending", "Lost", ""]),
    requested=sizes,
    granted=sizes,
    driver=drivers,
    storage_class=drivers,
    resizing=st.booleans(),
)
snapshot_phases = st.sampled_from(["", *SnapshotPhase])
disk_snapshots = st.builds(
    manifests.disk_snapshot,
    st.sampled_from(NAMES),
    of=st.sampled_from(DISKS),
    phase=snapshot_phases,
    volumeSnapshotName=st.sampled_from(("", *NAMES)),
    consistent=st.booleans(),
)
machine_snapshots = st.builds(
    manifests.machine_snapshot, st.sampled_from(NAMES), of=st.sampled_from(MACHINES), phase=snapshot_phases
)
volume_snapshots = st.builds(
    source_manifests.volume_snapshot,
    st.sampled_from(NAMES),
    of=st.sampled_from(NAMES),
    original_size=sizes,
    restore_size=sizes,
    storage_class=drivers,
    snapshot_class=drivers,
    ready=st.booleans(),
    deleting=st.booleans(),
)
storage_classes = st.builds(manifests.storage_class, st.sampled_from(DRIVERS[1:]), provisioner=drivers)
snapshot_classes = st.builds(manifests.snapshot_class, st.sampled_from(DRIVERS[1:]), driver=drivers)


def pairs(kind: Kind[Any], objects: st.SearchStrategy[Json]) -> st.SearchStrategy[tuple[Kind[Any], Json]]:
    return st.tuples(st.just(kind), objects)


clusters = st.lists(
    st.one_of(
        pairs(VIRTUAL_DISK, disks),
        pairs(VIRTUAL_MACHINE, machines),
        pairs(PERSISTENT_VOLUME_CLAIM, claims),
        pairs(STORAGE_CLASS, storage_classes),
        pairs(VOLUME_SNAPSHOT_CLASS, snapshot_classes),
        pairs(VIRTUAL_IMAGE, images),
        pairs(CLUSTER_VIRTUAL_IMAGE, images),
        pairs(VIRTUAL_MACHINE_IP_ADDRESS, addresses),
        pairs(VIRTUAL_MACHINE_MAC_ADDRESS, mac_addresses),
        pairs(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, attachments),
        pairs(VIRTUAL_MACHINE_OPERATION, restores),
        pairs(VIRTUAL_DISK_SNAPSHOT, disk_snapshots),
        pairs(VIRTUAL_MACHINE_SNAPSHOT, machine_snapshots),
        pairs(VOLUME_SNAPSHOT, volume_snapshots),
    ),
    max_size=20,
    unique_by=lambda pair: (pair[0].resource, pair[1]["metadata"]["name"]),
)
deleted = st.builds(
    manifests.machine_snapshot,
    st.sampled_from(NAMES),
    of=st.sampled_from(MACHINES),
    virtualDiskSnapshotNames=st.lists(st.sampled_from(NAMES), max_size=2),
)
recovered = st.builds(
    source_manifests.disk_from,
    st.sampled_from(NAMES),
    name=st.sampled_from(DISKS),
    size=st.one_of(st.none(), written_sizes),
    storage_class=st.sampled_from([None, *DRIVERS]),
)
requests = st.one_of(
    st.builds(create, st.just(VIRTUAL_DISK), recovered),
    st.builds(update, st.just(VIRTUAL_DISK), before=disks, after=recovered),
    st.builds(update, st.just(VIRTUAL_DISK), before=disks, after=disks),
    st.builds(
        create,
        st.just(DATA_EXPORT),
        st.builds(
            source_manifests.data_export,
            st.sampled_from(("VirtualDisk", "PersistentVolumeClaim")),
            st.sampled_from(DISKS),
        ),
    ),
    st.builds(delete, st.just(VIRTUAL_MACHINE_SNAPSHOT), deleted),
    st.builds(snapshot_of_disk, st.sampled_from(DISKS), required_consistency=st.booleans()),
    st.builds(snapshot_of_machine, st.sampled_from(MACHINES), required_consistency=st.booleans()),
)
policies = st.builds(Policy, st.sampled_from(Profile))

anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(max_size=8), st.sampled_from([*DISKS, "VirtualDisk"])),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
    max_leaves=6,
)


def world_of(objects: Objects) -> World:
    world = World()
    for kind, manifest in objects:
        world.put(kind, manifest)
    return world


@given(clusters, requests, policies, st.randoms(use_true_random=False))
def test_order_of_the_facts_changes_nothing(objects: Objects, request: Request, policy: Policy, random: Any) -> None:
    shuffled = list(objects)
    random.shuffle(shuffled)
    assert evaluate(request, world_of(objects), policy) == evaluate(request, world_of(shuffled), policy)


@given(clusters, requests, policies)
def test_asked_twice_is_answered_the_same(objects: Objects, request: Request, policy: Policy) -> None:
    world = world_of(objects)
    assert evaluate(request, world, policy) == evaluate(request, world, policy)


@given(clusters, requests, policies)
def test_every_finding_can_be_looked_up_and_says_something(objects: Objects, request: Request, policy: Policy) -> None:
    for judged in evaluate(request, world_of(objects), policy).findings:
        assert judged.finding.code in CODES
        assert judged.finding.text.endswith(f" [{judged.finding.code}]")
        assert judged.finding.message.strip()


@given(clusters, requests)
def test_profiles_differ_in_what_follows_and_not_in_what_is_found(objects: Objects, request: Request) -> None:
    world = world_of(objects)
    found = [[judged.finding for judged in evaluate(request, world, Policy(profile)).findings] for profile in Profile]
    assert found[0] == found[1] == found[2]


@given(clusters, requests)
def test_strict_denies_whatever_guard_denies_or_waits_for_it(objects: Objects, request: Request) -> None:
    world = world_of(objects)
    strict, guard = (evaluate(request, world, Policy(profile)) for profile in (Profile.STRICT, Profile.GUARD))
    assert {*strict.denials, *strict.waits} == {*guard.denials, *guard.waits}
    assert {*guard.waits} <= {*strict.waits}


@settings(max_examples=200)
@given(clusters, requests, st.data())
def test_whatever_stands_in_an_object_is_judged_or_called_unreadable(
    objects: Objects, request: Request, data: st.DataObject
) -> None:
    world = world_of(objects)
    for kind, manifest in objects:
        part = data.draw(st.sampled_from(["spec", "status", "provisioner", "driver"]))
        members = st.dictionaries(st.sampled_from(sorted(manifest.get(part, {})) or [""]), anything, max_size=2)
        world.change(kind, manifest["metadata"]["name"], **{part: data.draw(st.one_of(anything, members))})
    with suppress(UnreadableError):
        evaluate(request, world, Policy())


@given(
    st.sampled_from([VIRTUAL_DISK_SNAPSHOT, VIRTUAL_MACHINE_SNAPSHOT, VIRTUAL_DISK, DATA_EXPORT]),
    anything,
    anything,
    clusters,
)
def test_whatever_a_user_writes_is_judged_or_called_undecodable(
    kind: Kind[Any], spec: Any, status: Any, objects: Objects
) -> None:
    manifest = {"metadata": {"name": "snapshot"}, "spec": spec, "status": status}
    with suppress(UndecodableError):
        evaluate(create(kind, manifest), world_of(objects), Policy())
