"""Whatever users write and other controllers leave behind ends in findings, at a cost that is bounded."""

from __future__ import annotations

import base64
import difflib
from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest

from tests.support.cases import DATA, MACHINE, ROOT, Arrange
from tests.support.copies import rule
from tests.support.counting import CountingSource
from tests.support.manifests import Json
from tests.support.operation_changes import with_usb
from tests.support.operation_worlds import (
    EXTRA,
    SNAPSHOT,
    USER_DATA,
    captured,
    changed_before,
    clone,
    copy_of_snapshot,
    healthy,
    restore,
    saved_json,
    with_content,
)
from tests.support.saved_manifests import secret_name
from tests.support.world import World
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.evaluation.evaluate import evaluate
from webhook.facts.request import Request
from webhook.findings.policy import Policy
from webhook.rules.suggestions import MOST

MAKE: Final[tuple[Callable[..., Request], ...]] = (restore, clone, copy_of_snapshot)
FROM_SNAPSHOTS: Final = (restore, copy_of_snapshot)
COPIES: Final = (clone, copy_of_snapshot)
TOLD: Final = {"DisksWillBeReplaced", "GuestIdentityShared", "NewNetworkIdentity", "CloneWillStart", "MachineWillStop"}
LONGEST: Final = "n" * 253
UNICODE: Final = "диск-ü-磁盘"


def named(make: Callable[..., Request]) -> str:
    return make.__name__


def problems(request: Request, world: World) -> set[str]:
    """Beside what is told of every operation."""
    return {judged.finding.code for judged in evaluate(request, world, Policy()).findings} - TOLD


def text(value: Any) -> str:
    return base64.b64encode(msgspec.json.encode(value)).decode()


def raw(value: bytes) -> str:
    return base64.b64encode(value).decode()


UNREADABLE: Final = {
    "nothing": raw(b""),
    "null": raw(b"null"),
    "no JSON": raw(b"<xml/>"),
    "truncated": raw(b'{"metadata": {"name": "linux-vm"'),
    "a list": raw(b"[]"),
    "a number": raw(b"1"),
    "another shape": text({"metadata": {"name": 1}, "spec": []}),
    "no spec": text({"metadata": {"name": MACHINE}}),
    "no UTF-8": raw(b'{"metadata": {"name": "\xff\xfe"}}'),
    "nested deeply": raw(b"[" * 100_000),
    "no base64": "!!!",
}


@pytest.mark.parametrize("make", FROM_SNAPSHOTS, ids=named)
@pytest.mark.parametrize("value", UNREADABLE.values(), ids=UNREADABLE)
@pytest.mark.parametrize("key", ["vm", "vmip", "vmmacs", "provisioner", "vmbdas"])
def test_settings_that_cannot_be_read_are_lost(make: Callable[..., Request], value: str, key: str) -> None:
    if value == "!!!":
        world = with_content(healthy(World()), {key: None})
        secret = world.manifest(SECRET, secret_name(SNAPSHOT))
        world.put(SECRET, secret | {"data": secret["data"] | {key: value}})
    else:
        world = with_content(healthy(World()), {key: value})
    found = problems(make("Strict"), world)
    absent = value == UNREADABLE["null"] and key != "vm"
    lists_nothing = value == UNREADABLE["a list"] and key in {"vmmacs", "vmbdas"}
    another_secret = value == UNREADABLE["no spec"] and key == "provisioner"
    if absent or lists_nothing or another_secret:
        assert found <= {"SnapshotDataMissing"}
    else:
        assert "SnapshotDataMissing" in found


@pytest.mark.parametrize("make", FROM_SNAPSHOTS, ids=named)
def test_namespaces_in_saved_settings_are_ignored(make: Callable[..., Request]) -> None:
    world = healthy(World())
    plan = evaluate(make("Strict"), world, Policy()).plan
    moved: dict[str, str | None] = {}
    for key in ("vm", "vmip", "provisioner"):
        value = saved_json(world, key)
        moved[key] = text(value | {"metadata": value["metadata"] | {"namespace": "kube-system"}})
    for key in ("vmmacs", "vmbdas"):
        values = saved_json(world, key)
        moved[key] = text([each | {"metadata": each["metadata"] | {"namespace": "kube-system"}} for each in values])
    foreign = with_content(healthy(World()), moved)
    assert evaluate(make("Strict"), foreign, Policy()).plan == plan
    assert {step.object.namespace for step in plan.steps} == {"default"}


@pytest.mark.parametrize("saved", [None, ""])
def test_a_machine_saved_without_a_uid_is_not_taken_for_the_one_there_is(saved: str | None) -> None:
    world = healthy(World())
    machine = saved_json(world, "vm")
    machine["metadata"]["uid"] = saved
    assert problems(restore("Strict"), with_content(world, {"vm": text(machine)})) == {"MachineUIDMismatch"}


@pytest.mark.parametrize("make", MAKE, ids=named)
def test_status_may_be_absent_everywhere(make: Callable[..., Request]) -> None:
    world = healthy(World())
    for kinds in (VIRTUAL_MACHINE, VIRTUAL_DISK, VIRTUAL_IMAGE):
        for manifest in world.all(kinds):
            world.put(kinds, {key: value for key, value in manifest.items() if key != "status"})
    found = problems(make("Strict"), world)
    if make is clone:
        assert "SourceMachineRunning" in found
    else:
        assert found == set()


def networks(*listed: Json) -> Arrange:
    def arrange(world: World) -> World:
        manifest = healthy(world).manifest(VIRTUAL_MACHINE, MACHINE)
        world.put(VIRTUAL_MACHINE, manifest | {"spec": manifest["spec"] | {"networks": list(listed)}})
        return captured(world)

    return arrange


SHAPES: Final[dict[str, Arrange]] = {
    "no networks": networks(),
    "no Main network": networks({"type": "Network", "name": "storage"}),
    "only Main": networks({"type": "Main"}),
    "a network of a type unheard of": networks({"type": "Bridge", "name": "br0"}),
    "an image for a device": lambda world: healthy(world, images=("a", "b")),
    "sysprep": lambda world: changed_before(
        healthy(world),
        spec={"provisioning": {"type": "SysprepRef", "userDataRef": None, "sysprepRef": {"name": USER_DATA}}},
    ),
    "inline user data": lambda world: changed_before(
        healthy(world), spec={"provisioning": {"type": "UserData", "userData": "#cloud-config", "userDataRef": None}}
    ),
}


@pytest.mark.parametrize("make", MAKE, ids=named)
@pytest.mark.parametrize("arrange", SHAPES.values(), ids=SHAPES)
def test_machines_of_any_shape_are_restored_and_copied(make: Callable[..., Request], arrange: Arrange) -> None:
    assert problems(make("Strict"), arrange(World())) == set()


@pytest.mark.parametrize("make", COPIES, ids=named)
def test_usb_devices_are_left_out_or_in_the_way(make: Callable[..., Request]) -> None:
    assert problems(make("Strict"), with_usb(healthy(World()))) == {"UsbDeviceShared"}
    assert not evaluate(make("BestEffort"), with_usb(healthy(World())), Policy()).denied


@pytest.mark.parametrize("make", MAKE, ids=named)
def test_a_disk_that_is_hot_plugged_without_an_attachment_is_one_of_the_machines(make: Callable[..., Request]) -> None:
    world = healthy(World()).disk("hot")
    listed = world.manifest(VIRTUAL_MACHINE, MACHINE)["status"]["blockDeviceRefs"]
    hot = {"kind": "VirtualDisk", "name": "hot", "attached": False, "hotplugged": True}
    captured(world.change(VIRTUAL_MACHINE, MACHINE, status={"blockDeviceRefs": [*listed, hot]}))
    evaluation = evaluate(make("Strict"), world, Policy())
    assert not evaluation.denied
    disks = {
        step.object.name.removesuffix("-copy") for step in evaluation.plan.steps if step.object.kind == "VirtualDisk"
    }
    assert disks == {ROOT, DATA, EXTRA, "hot"}


@pytest.mark.parametrize("make", COPIES, ids=named)
@pytest.mark.parametrize(
    ("new", "codes"),
    [
        (UNICODE, {"NameInvalid"}),
        ("\uff21", {"NameInvalid"}),
        ("root\n", {"NameInvalid"}),
        (" ", {"NameInvalid"}),
        ("", set()),
        ("a..b", {"NameInvalid"}),
        (LONGEST, {"NameTooLong"}),
        ("x" * 100_000, {"NameTooLong"}),
    ],
    ids=["unicode", "full width", "newline", "blank", "empty", "dots", "longest", "enormous"],
)
def test_names_that_cannot_be_are_found(make: Callable[..., Request], new: str, codes: set[str]) -> None:
    asked = make("Strict", customization={"namePrefix": "p"}, nameReplacement=[rule(ROOT, new)])
    assert problems(asked, healthy(World())) == codes


def test_a_name_of_253_characters_is_restored() -> None:
    """A machine's snapshot cannot have it, the platform's of a disk alone can."""
    long_name = "d" * 216
    world = healthy(World()).disk(long_name)
    listed = world.manifest(VIRTUAL_MACHINE, MACHINE)["status"]["blockDeviceRefs"]
    device = {"kind": "VirtualDisk", "name": long_name, "attached": False}
    captured(world.change(VIRTUAL_MACHINE, MACHINE, status={"blockDeviceRefs": [*listed, device]}))
    assert problems(restore("Strict"), world) == set()


def test_chained_and_shadowed_rules_are_told_and_rename_as_the_first_says() -> None:
    rules = [rule(ROOT, "a"), rule("a", "b"), rule(ROOT, "c")]
    evaluation = evaluate(clone("Strict", nameReplacement=rules), healthy(World()), Policy())
    assert {judged.finding.code for judged in evaluation.findings} - TOLD == {
        "ReplacementShadowed",
        "ReplacementUnmatched",
    }
    assert "a-copy" in {step.object.name for step in evaluation.plan.steps}


@pytest.mark.parametrize("make", COPIES, ids=named)
def test_a_thousand_rules_need_no_more_look_ups_than_one(make: Callable[..., Request]) -> None:
    lookups = []
    for count in (1, 1000):
        counting = CountingSource(healthy(World()))
        rules = [rule(f"unknown-{number}", f"new-{number}") for number in range(count)]
        found = evaluate(make("Strict", nameReplacement=rules), counting, Policy()).findings
        assert sum(each.finding.code == "ReplacementUnmatched" for each in found) == count
        lookups.append(counting.lookups)
    assert lookups[0] == lookups[1]


@pytest.mark.parametrize("kind", ["", "VirtualDsik"])
def test_a_thousand_mistyped_rules_are_compared_with_what_there_is_only_a_few_times(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = 0

    class Counted(difflib.SequenceMatcher[str]):
        def set_seq1(self, a: Any) -> None:
            nonlocal compared
            compared += 1
            super().set_seq1(a)

    monkeypatch.setattr(difflib, "SequenceMatcher", Counted)
    rules = [rule(f"linux-vm-rot{number}", "new", kind=kind and f"{kind}{number}") for number in range(1000)]
    evaluate(clone("Strict", nameReplacement=rules), healthy(World()), Policy())
    assert 0 < compared <= MOST * 10


@pytest.mark.parametrize("make", MAKE, ids=named)
def test_what_others_do_elsewhere_costs_no_look_up(make: Callable[..., Request]) -> None:
    alone, crowded = CountingSource(healthy(World())), healthy(World())
    for number in range(50):
        crowded.elsewhere(f"team-{number}").disk("disk").machine("machine", disks=["disk"])
    among = CountingSource(crowded.elsewhere("default"))
    assert evaluate(make("Strict"), alone, Policy()) == evaluate(make("Strict"), among, Policy())
    assert alone.lookups == among.lookups
