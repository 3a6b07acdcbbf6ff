"""What operations would do, in which order and under which names."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.copies import rule
from tests.support.operation_changes import with_image_behind_attachment
from tests.support.operation_worlds import (
    ADDRESS,
    ATTACHMENT,
    EXTRA,
    MAC,
    SNAPSHOT,
    USER_DATA,
    captured,
    changed_before,
    clone,
    copy_of_snapshot,
    healthy,
    restore,
    with_content,
)
from tests.support.world import World
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.evaluation.evaluate import evaluate
from webhook.facts.request import Request
from webhook.findings.policy import Policy

SHORT = {
    "VirtualMachine": "vm",
    "VirtualDisk": "vd",
    "VirtualMachineBlockDeviceAttachment": "vmbda",
    "VirtualMachineIPAddress": "vmip",
    "VirtualMachineMACAddress": "vmmac",
    "VirtualMachineSnapshot": "vmsnapshot",
    "VirtualImage": "vi",
    "Secret": "secret",
}


def plan(request: Request, world: World) -> list[str]:
    steps = evaluate(request, world, Policy()).plan.steps
    return [f"{each.kind} {short(each.object)}" for each in steps]


def sources(request: Request, world: World) -> dict[str, str]:
    steps = evaluate(request, world, Policy()).plan.steps
    return {short(each.object): short(each.source) for each in steps if each.source is not None}


def short(reference: Reference) -> str:
    return f"{SHORT.get(reference.kind, reference.kind)}/{reference.name}"


RESTORED = [
    f"keep vmmac/{MAC}",
    f"replace vmip/{ADDRESS}",
    f"replace vd/{ROOT}",
    f"replace vd/{DATA}",
    f"replace vd/{EXTRA}",
    f"replace vmbda/{ATTACHMENT}",
    f"keep secret/{USER_DATA}",
    f"replace vm/{MACHINE}",
]
COPIED = [
    f"create vd/{ROOT}-copy",
    f"create vd/{DATA}-copy",
    f"create vd/{EXTRA}-copy",
    f"attach vmbda/{ATTACHMENT}-copy",
    f"create secret/{USER_DATA}-copy",
    f"create vm/{MACHINE}-copy",
]


def test_restore_of_a_stopped_machine() -> None:
    assert plan(restore("Strict"), healthy(World())) == RESTORED


@pytest.mark.parametrize(
    ("run_policy", "phase", "starts"),
    [
        ("AlwaysOn", "Running", True),
        ("AlwaysOn", "Stopped", True),
        ("AlwaysOnUnlessStoppedManually", "Running", True),
        ("AlwaysOnUnlessStoppedManually", "Stopped", False),
        ("Manual", "Running", True),
        ("Manual", "Pending", True),
        ("Manual", "Stopped", False),
        ("AlwaysOff", "Running", False),
        ("AlwaysOff", "Stopped", False),
    ],
)
def test_restore_stops_a_machine_that_is_on_and_starts_it_as_its_run_policy_says(
    run_policy: str, phase: str, starts: bool
) -> None:
    world = changed_before(healthy(World()), spec={"runPolicy": run_policy})
    world.change(VIRTUAL_MACHINE, MACHINE, status={"phase": phase})
    stop = [] if phase == "Stopped" else [f"stop vm/{MACHINE}"]
    start = [f"start vm/{MACHINE}"] if starts else []
    assert plan(restore("Strict"), world) == [*stop, *RESTORED, *start]


def test_restore_makes_anew_what_is_gone() -> None:
    world = healthy(World())
    for kind, name in (
        (VIRTUAL_DISK, DATA),
        (SECRET, USER_DATA),
        (VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS),
        (VIRTUAL_MACHINE_MAC_ADDRESS, MAC),
        (VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, ATTACHMENT),
    ):
        world.remove(kind, name)
    assert [step for step in plan(restore("Strict"), world) if not step.startswith("replace")] == [
        f"create vmmac/{MAC}",
        f"create vmip/{ADDRESS}",
        f"create vd/{DATA}",
        f"attach vmbda/{ATTACHMENT}",
        f"create secret/{USER_DATA}",
    ]


def test_restore_unplugs_what_was_plugged_in_since() -> None:
    world = healthy(World()).disk("new").attachment("new-plug", of=MACHINE, disk="new")
    steps = plan(restore("Strict"), world)
    assert steps.index("delete vmbda/new-plug") < steps.index(f"replace vmbda/{ATTACHMENT}")
    assert "replace vd/new" not in steps


@pytest.mark.parametrize(("type_", "address"), [("Static", "10.66.10.14"), ("Auto", "10.66.10.99")])
def test_restore_keeps_an_address_that_is_static_or_another(type_: str, address: str) -> None:
    world = healthy(World()).ip_address(ADDRESS, of=MACHINE, type_=type_, address=address)
    assert f"keep vmip/{ADDRESS}" in plan(restore("Strict"), world)


def test_clone_takes_a_snapshot_first_and_deletes_it_last() -> None:
    steps = plan(clone("Strict"), healthy(World()))
    assert steps == ["create vmsnapshot/vmop-clone-*", *COPIED, "delete vmsnapshot/vmop-clone-*"]


def test_copy_of_a_snapshot_needs_none_of_its_own() -> None:
    assert plan(copy_of_snapshot("Strict"), healthy(World())) == COPIED


def test_copy_of_a_snapshot_is_what_the_machine_was_then() -> None:
    world = healthy(World()).remove(VIRTUAL_MACHINE, MACHINE).remove(VIRTUAL_DISK, ROOT)
    assert plan(copy_of_snapshot("Strict"), world) == COPIED


def test_a_copy_that_is_due_to_run_starts_by_itself() -> None:
    world = changed_before(healthy(World()), spec={"runPolicy": "AlwaysOn"})
    assert plan(copy_of_snapshot("Strict"), world) == [*COPIED, f"start vm/{MACHINE}-copy"]


def test_references_of_a_copy_follow_the_objects_they_name() -> None:
    renamed: Any = [rule(EXTRA, "extra", kind="VirtualDisk"), rule(ATTACHMENT, "plug")]
    found = sources(copy_of_snapshot("Strict", nameReplacement=renamed), healthy(World()))
    assert found["vmbda/plug-copy"] == "vd/extra-copy"
    assert found[f"vm/{MACHINE}-copy"] == f"vmsnapshot/{SNAPSHOT}"


def test_a_provisioning_secret_that_keeps_its_name_is_shared_and_made_where_it_is_gone() -> None:
    names = [rule(each, f"my-{each}") for each in (MACHINE, ROOT, DATA, EXTRA, ATTACHMENT)]
    request = copy_of_snapshot("Strict", customization=None, nameReplacement=names)
    assert f"keep secret/{USER_DATA}" in plan(request, healthy(World()))
    assert f"create secret/{USER_DATA}" in plan(request, healthy(World()).remove(SECRET, USER_DATA))


@pytest.mark.parametrize("make", [restore, copy_of_snapshot], ids=["restore", "copy"])
def test_best_effort_leaves_out_the_attachment_of_an_image_that_is_gone(make: Any) -> None:
    world = with_image_behind_attachment(healthy(World()))
    kept = [step for step in plan(make("Strict"), world) if "vmbda" in step]
    left = [step for step in plan(make("BestEffort"), world) if "vmbda" in step and not step.startswith("delete")]
    assert (len(kept), left) == (1, [])


def test_best_effort_keeps_what_is_there() -> None:
    assert plan(restore("BestEffort"), healthy(World())) == plan(restore("Strict"), healthy(World()))
    world = healthy(World()).remove(VIRTUAL_IMAGE, "ubuntu-iso")
    assert plan(restore("BestEffort"), world) == plan(restore("Strict"), world)


@pytest.mark.parametrize("make", [restore, clone, copy_of_snapshot], ids=["restore", "clone", "copy"])
def test_a_dry_run_plans_what_strict_does(make: Any) -> None:
    assert plan(make("DryRun"), healthy(World())) == plan(make("Strict"), healthy(World()))


@pytest.mark.parametrize("make", [restore, copy_of_snapshot], ids=["restore", "copy"])
def test_settings_saved_as_base64_of_json_are_planned_as_raw_ones_are(make: Any) -> None:
    world = healthy(World())
    secret = next(each for each in world.all(SECRET) if "vm" in each["data"])
    twice: dict[str, str | None] = {
        key: base64.b64encode(value.encode()).decode() for key, value in secret["data"].items()
    }
    assert plan(make("Strict"), with_content(healthy(World()), twice)) == plan(make("Strict"), world)


def test_keys_that_are_absent_are_nothing_to_restore() -> None:
    absent: Any = {"vmip": None, "vmmacs": None, "provisioner": None, "vmbdas": None}
    world = with_content(healthy(World()), absent)
    assert plan(restore("Strict"), world) == [
        f"replace vd/{ROOT}",
        f"replace vd/{DATA}",
        f"replace vd/{EXTRA}",
        f"delete vmbda/{ATTACHMENT}",
        f"replace vm/{MACHINE}",
    ]


@pytest.mark.parametrize("make", [restore, clone, copy_of_snapshot], ids=["restore", "clone", "copy"])
def test_nothing_is_planned_for_what_is_not_there(make: Any) -> None:
    missing = {"snapshot": "gone"} if make is copy_of_snapshot else {"of": "gone"}
    assert plan(make("Strict", **missing), healthy(World())) == []


def test_a_machine_without_attachments_is_copied_without() -> None:
    world = healthy(World())
    listed = world.manifest(VIRTUAL_MACHINE, MACHINE)["status"]["blockDeviceRefs"]
    devices = [each for each in listed if each["name"] != EXTRA]
    captured(world.change(VIRTUAL_MACHINE, MACHINE, status={"blockDeviceRefs": devices}))
    assert [step for step in plan(copy_of_snapshot("Strict"), world) if "vmbda" in step or EXTRA in step] == []
