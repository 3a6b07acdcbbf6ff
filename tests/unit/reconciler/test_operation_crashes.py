"""Every call of every operation fails once in every way, and it ends as if nothing had happened."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Any, Final

import pytest

from tests.support import dependency_manifests
from tests.support.cluster import SimulatedCluster
from tests.support.faults import Fault
from tests.support.invariants import violations
from tests.support.manifests import Json
from tests.support.restores import (
    captured,
    contents,
    is_as_before,
    is_as_saved,
    make_storage_wait,
    plug,
    select_nodes,
)
from webhook.api.kind import Kind
from webhook.api.storage import PERSISTENT_VOLUME, PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.vocabulary import OPERATION_UID, RESTORE_POWER_STATE
from webhook.kube.errors import InvalidError

Scenario = Callable[[SimulatedCluster], Awaitable[None]]
NO: Final = InvalidError(422, "Invalid", "the platform says no")
ALL: Final = ("root", "data", "extra")
RENAMING: Final = {"nameSuffix": "-copy"}


async def prepared(cluster: SimulatedCluster, *, now: str = "Running") -> None:
    """A machine with an address that is gone since, a hot-plugged disk, and another plugged in since."""
    cluster.store.create(VIRTUAL_MACHINE_IP_ADDRESS, dependency_manifests.ip_address("ip", of="vm"))
    await captured(cluster, now=now, plugged={"plug": "extra"}, address="ip")
    cluster.store.delete(VIRTUAL_MACHINE_IP_ADDRESS, "ip")
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"status": {"virtualMachineIPAddressName": None}})
    cluster.disk("foreign")
    plug(cluster, "foreign", "foreign")
    await cluster.settle()


async def restored(cluster: SimulatedCluster) -> None:
    cluster.restore("op")
    await cluster.settle()
    assert is_as_saved(cluster, ALL), "not the saved bytes"
    assert phase(cluster) == "Completed", "not completed"


async def restored_on_storage_that_waits_for_a_consumer(cluster: SimulatedCluster) -> None:
    make_storage_wait(cluster)
    await restored(cluster)


async def restored_where_the_old_disks_were(cluster: SimulatedCluster) -> None:
    select_nodes(cluster)
    await restored_on_storage_that_waits_for_a_consumer(cluster)


async def restored_while_off_and_started_later(cluster: SimulatedCluster) -> None:
    """On storage that waits, without a node to make the disks on: the old volumes go when the new ones are there."""
    make_storage_wait(cluster)
    cluster.guests.stop("vm")
    cluster.restore("op")
    await cluster.settle()
    assert phase(cluster) == "Completed", "not completed"
    kept = {each["spec"]["persistentVolumeReclaimPolicy"] for each in cluster.store.all(PERSISTENT_VOLUME)}
    assert "Retain" in kept, "the old volumes are gone"
    cluster.store.patch(VIRTUAL_MACHINE, "vm", {"status": {"phase": "Pending"}})
    await cluster.settle()
    assert is_as_saved(cluster, ALL), "not the saved bytes"


async def waiting_storage_gives_nothing_where_the_old_disks_were(cluster: SimulatedCluster) -> None:
    select_nodes(cluster)
    make_storage_wait(cluster)
    await storage_gives_nothing(cluster)


async def refused_at_last(cluster: SimulatedCluster) -> None:
    cluster.refusals.not_rehearsed["overwrite VirtualMachine"] = NO
    cluster.restore("op")
    await cluster.settle()
    assert is_as_before(cluster, ALL), "not the former bytes"
    assert phase(cluster) == "Failed", "not failed"


async def storage_gives_nothing(cluster: SimulatedCluster) -> None:
    cluster.provisioner.makes_new = False
    cluster.restore("op")
    await cluster.settle(seconds=9000)
    assert is_as_before(cluster, ALL), "not the former bytes"
    assert phase(cluster) == "Failed", "not failed"


async def restore_cancelled(cluster: SimulatedCluster) -> None:
    cluster.provisioner.makes_new = False
    cluster.restore("op")
    await cluster.settle(seconds=60)
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "op")
    await cluster.settle()
    assert is_as_before(cluster, ALL), "not the former bytes"


async def cloned(cluster: SimulatedCluster) -> None:
    cluster.guests.stop("vm")
    cluster.clone("op", customization=RENAMING)
    await cluster.settle()
    assert phase(cluster) == "Completed", "not completed"
    copies_are_complete(cluster)


async def clone_refused_at_last(cluster: SimulatedCluster) -> None:
    cluster.guests.stop("vm")
    cluster.refusals.not_rehearsed["create VirtualMachine"] = NO
    cluster.clone("op", customization=RENAMING)
    await cluster.settle()
    assert phase(cluster) == "Failed", "not failed"
    nothing_was_copied(cluster)


async def clone_cancelled(cluster: SimulatedCluster) -> None:
    cluster.guests.stop("vm")
    cluster.provisioner.makes_new = False
    cluster.clone("op", customization=RENAMING)
    await cluster.settle(seconds=60)
    cluster.store.delete(VIRTUAL_MACHINE_OPERATION, "op")
    await cluster.settle()
    nothing_was_copied(cluster)


async def copied(cluster: SimulatedCluster) -> None:
    cluster.copy_snapshot("op", customization=RENAMING)
    await cluster.settle()
    assert phase(cluster) == "Completed", "not completed"
    copies_are_complete(cluster)


async def copy_cancelled(cluster: SimulatedCluster) -> None:
    cluster.provisioner.makes_new = False
    cluster.copy_snapshot("op", customization=RENAMING)
    await cluster.settle(seconds=60)
    cluster.store.delete(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, "op")
    await cluster.settle()
    nothing_was_copied(cluster)


RESTORES: Final = (
    restored,
    restored_on_storage_that_waits_for_a_consumer,
    restored_where_the_old_disks_were,
    restored_while_off_and_started_later,
    waiting_storage_gives_nothing_where_the_old_disks_were,
    refused_at_last,
    storage_gives_nothing,
    restore_cancelled,
)
SCENARIOS: Final = (
    *RESTORES,
    cloned,
    clone_refused_at_last,
    clone_cancelled,
    copied,
    copy_cancelled,
)


def phase(cluster: SimulatedCluster) -> str:
    found = [each["status"]["phase"] for each in operations(cluster)]
    return found[0] if found else ""


def operations(cluster: SimulatedCluster) -> list[Json]:
    kinds: tuple[Kind[Any], ...] = (VIRTUAL_MACHINE_OPERATION, VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
    return [each for kind in kinds for each in cluster.store.all(kind)]


def copies_are_complete(cluster: SimulatedCluster) -> None:
    for disk in ALL:
        assert cluster.cut_of(contents(cluster, f"{disk}-copy")) == disk, f"{disk}-copy has other bytes"
    assert cluster.store.get(VIRTUAL_MACHINE, "vm-copy")["status"]["phase"] == "Running", "the copy does not run"
    assert names(cluster, VIRTUAL_MACHINE_SNAPSHOT) == ["snap"], "the temporary snapshot stays"


def nothing_was_copied(cluster: SimulatedCluster) -> None:
    assert names(cluster, VIRTUAL_MACHINE) == ["vm"], "a machine is left"
    assert names(cluster, VIRTUAL_DISK) == ["data", "extra", "foreign", "root"], "disks are left"
    assert names(cluster, VIRTUAL_MACHINE_SNAPSHOT) == ["snap"], "the temporary snapshot stays"


def names(cluster: SimulatedCluster, kind: Kind[Any]) -> list[str]:
    return [each["metadata"]["name"] for each in cluster.store.all(kind)]


def leftovers(cluster: SimulatedCluster) -> Iterator[str]:
    """What no operation may leave behind, however it ends."""
    yield from violations(cluster)
    for each in operations(cluster):
        if each["metadata"].get("finalizers"):
            yield "the operation keeps its finalizer"
        if each["status"].get("retainedVolumes"):
            yield "the operation holds volumes"
    machine = cluster.store.get(VIRTUAL_MACHINE, "vm")
    marks = {OPERATION_UID, RESTORE_POWER_STATE} & machine["metadata"].get("annotations", {}).keys()
    if marks or "Maintenance" in {each["type"] for each in machine["status"]["conditions"]}:
        yield f"the machine stays in maintenance {sorted(marks)}"
    claims = {each["metadata"]["uid"] for each in cluster.store.all(PERSISTENT_VOLUME_CLAIM)}
    for volume in cluster.store.all(PERSISTENT_VOLUME):
        if volume["spec"]["claimRef"].get("uid") not in claims:
            yield f"{volume['metadata']['name']} is nobody's"
        if volume["spec"]["persistentVolumeReclaimPolicy"] != "Delete":
            yield f"{volume['metadata']['name']} is kept for good"


def plugged(cluster: SimulatedCluster) -> list[str]:
    return names(cluster, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT)


async def problems(scenario: Scenario, call: int, fault: Fault) -> tuple[bool, str, list[str]]:
    """Whether the fault struck, at what, and what is wrong at the end."""
    cluster = SimulatedCluster()
    await prepared(cluster)
    faults = cluster.faults
    began = len(faults.calls)
    faults.strike(call, fault)
    found: list[str] = []
    try:
        await scenario(cluster)
    except AssertionError as error:
        found.append(str(error).splitlines()[0])
    running = cluster.store.get(VIRTUAL_MACHINE, "vm")["status"]["phase"] == "Running"
    if scenario in RESTORES and not running:
        found.append("the machine does not run")
    at = faults.calls[began + call] if faults.struck else ""
    return faults.struck, at, [*found, *leftovers(cluster)]


async def with_faults(scenario: Scenario, faults: Callable[[int], Iterable[Fault]]) -> tuple[int, list[str]]:
    """How many calls there are, and what is wrong after which of them; `faults` for each call by its number."""
    call, reached, bad = 0, True, []
    while reached:
        reached = False
        for fault in faults(call):
            struck, at, found = await problems(scenario, call, fault)
            reached = reached or struck
            if found:
                bad.append(f"{fault.name} at {call} ({at}): {'; '.join(found)}")
        call += 1
    return call, bad


@pytest.mark.parametrize("number", range(len(SCENARIOS)), ids=lambda number: SCENARIOS[number].__name__)
async def test_it_ends_as_without_the_fault(number: int) -> None:
    """Each call of a scenario with one fault, in turn; with every fault: `python -m bench.faults --simulated`."""
    faults = tuple(Fault)
    calls, bad = await with_faults(SCENARIOS[number], lambda call: (faults[(call + number) % len(faults)],))
    assert bad == []
    assert calls > 10
