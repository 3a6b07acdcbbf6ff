from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.manifests import DRIVER, device
from tests.support.world import World
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.facts.disk import Claim, Disk
from webhook.facts.facts import Facts
from webhook.facts.source import UnreadableError


def disk(world: World) -> Disk:
    found = Facts(world, "default").disk(ROOT)
    assert found is not None
    return found


def test_what_does_not_exist_is_none(world: World) -> None:
    facts = Facts(world, "default")
    assert facts.disk(ROOT) is None
    assert facts.machine(MACHINE) is None


def test_names_of_another_namespace_are_not_found(world: World) -> None:
    world.elsewhere("other").disk(ROOT).machine(MACHINE)
    facts = Facts(world, "default")
    assert facts.disk(ROOT) is None
    assert facts.machine(MACHINE) is None


def test_disk_comes_with_its_claim(world: World) -> None:
    world.disk(ROOT).claim(ROOT, requested="20Gi", granted="10Gi", resizing=True)
    assert disk(world).claim == Claim(
        name=ROOT, bound=True, driver=DRIVER, requested="20Gi", granted="10Gi", resizing=True, storage_class=DRIVER
    )


@pytest.mark.parametrize(
    "arrange",
    [
        lambda world: world.disk(ROOT, claim=""),
        lambda world: world.disk(ROOT).without_claim(ROOT),
        lambda world: world.disk(ROOT).change(VIRTUAL_DISK, ROOT, status=None),
        lambda world: world.disk(ROOT).change(VIRTUAL_DISK, ROOT, status={"target": None}),
    ],
    ids=["none named", "named and gone", "no status", "null target"],
)
def test_disk_without_claim_has_no_volume(world: World, arrange: Callable[[World], World]) -> None:
    arrange(world)
    assert disk(world).claim is None
    assert not disk(world).volume_bound


def driver(world: World) -> str:
    claim = disk(world).claim
    assert claim is not None
    return claim.driver


def test_driver_is_taken_from_the_claim_even_when_its_class_changed_since(world: World) -> None:
    world.disk(ROOT).storage_class(DRIVER, provisioner="other.example.com")
    assert driver(world) == DRIVER


def test_driver_of_a_claim_without_annotation_is_that_of_its_class(world: World) -> None:
    world.disk(ROOT).claim(ROOT, driver="").storage_class(DRIVER, provisioner="other.example.com")
    assert driver(world) == "other.example.com"


def test_driver_of_a_claim_with_the_beta_annotation_is_known(world: World) -> None:
    annotations = {"volume.beta.kubernetes.io/storage-provisioner": "old.example.com"}
    world.disk(ROOT).claim(ROOT, driver="").change(PERSISTENT_VOLUME_CLAIM, ROOT, metadata={"annotations": annotations})
    assert driver(world) == "old.example.com"


def test_driver_is_unknown_when_the_class_is_gone_too(world: World) -> None:
    world.disk(ROOT).claim(ROOT, driver="").remove(STORAGE_CLASS, DRIVER)
    assert driver(world) == ""


def test_snapshots_are_possible_with_a_driver_that_a_class_names(world: World) -> None:
    world.snapshot_class("fast", driver=DRIVER).snapshot_class("odd", driver="")
    facts = Facts(world, "default")
    assert facts.snapshots_are_possible_with(DRIVER)
    assert not facts.snapshots_are_possible_with("other.example.com")
    assert not facts.snapshots_are_possible_with("")


def test_users_are_told_by_the_disk_and_by_the_machines(world: World) -> None:
    world.disk(ROOT, users=["named-by-disk"]).machine("named-by-disk").machine("names-disk", disks=[ROOT])
    assert disk(world).users == ("named-by-disk", "names-disk")


def test_machine_that_has_the_disk_twice_is_one_user(world: World) -> None:
    world.disk(ROOT, users=[MACHINE]).machine(MACHINE, disks=[ROOT], hotplugged=[ROOT])
    assert disk(world).users == (MACHINE,)


def test_machine_that_is_off_does_not_use_its_disks(world: World) -> None:
    world.disk(ROOT, users=[MACHINE]).machine(MACHINE, disks=[ROOT], hotplugged=[ROOT], phase="Stopped")
    assert disk(world).users == ()


def test_machine_that_cannot_be_found_may_use_the_disk_that_names_it(world: World) -> None:
    world.disk(ROOT, users=["new"])
    assert disk(world).users == ("new",)


def test_disk_that_is_attached_and_not_mounted_is_not_used(world: World) -> None:
    world.disk(ROOT, users=[MACHINE])
    world.change(VIRTUAL_DISK, ROOT, status={"attachedToVirtualMachines": [{"name": MACHINE, "mounted": False}]})
    assert disk(world).users == ()


def test_device_that_is_listed_and_not_attached_does_not_use_the_disk(world: World) -> None:
    world.disk(ROOT).machine(MACHINE)
    devices = [device("VirtualDisk", ROOT, attached=False), device("VirtualImage", ROOT), device("VirtualDisk", DATA)]
    world.change(VIRTUAL_MACHINE, MACHINE, status={"blockDeviceRefs": devices})
    assert disk(world).users == ()


def test_machine_in_another_namespace_does_not_use_the_disk_of_the_same_name(world: World) -> None:
    world.elsewhere("other").machine(MACHINE, disks=[ROOT]).elsewhere("default").disk(ROOT)
    assert disk(world).users == ()


def test_machine_that_cannot_be_read_leaves_the_disk_undecided(world: World) -> None:
    world.disk(ROOT, users=[MACHINE]).machine(MACHINE).change(VIRTUAL_MACHINE, MACHINE, spec=None)
    with pytest.raises(UnreadableError):
        disk(world)
