"""What a finding says: about whom, on which field, how long, and that nothing is left blank."""

from __future__ import annotations

import re

import pytest

from tests.support.cases import DATA, MACHINE, ROOT, Case
from tests.support.deletion_cases import CHILD, DELETION_CASES, SNAPSHOT, SNAPSHOT_DELETIONS
from tests.support.dependency_cases import DEPENDENCY_CASES
from tests.support.disk_snapshot_cases import DISK_CASES
from tests.support.machine_snapshot_cases import MACHINE_CASES
from tests.support.protection_cases import PROTECTION_CASES
from tests.support.recovery_cases import DISK_UPDATE_CASES, RECOVERY_CASES
from tests.support.requests import snapshot_of_disk, snapshot_of_machine
from tests.support.update_cases import UPDATE_CASES
from tests.support.world import World
from webhook.api.reference import Reference
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.evaluation.evaluate import Judged, evaluate
from webhook.facts.request import Request
from webhook.findings.code import Action
from webhook.findings.finding import Finding, Holder
from webhook.findings.policy import Policy

CASES: tuple[Case, ...] = (
    *DISK_CASES,
    *MACHINE_CASES,
    *DEPENDENCY_CASES,
    *UPDATE_CASES,
    *DELETION_CASES,
    *RECOVERY_CASES,
    *DISK_UPDATE_CASES,
    *PROTECTION_CASES,
)
MAX_MESSAGE = 200
MAX_WARNING = 120
LONGEST_NAME = "n" * 253


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.request.operation} {case.request.kind.name}: {case}")
def test_messages_are_short_and_leave_nothing_blank(case: Case, world: World) -> None:
    for judged in evaluate(case.request, case.arrange(world), Policy()).findings:
        assert_readable(judged)


def assert_readable(judged: Judged) -> None:
    finding = judged.finding
    long_names = sum(len(name) - 63 for name in re.findall(r"\S{64,}", finding.text))
    assert len(finding.message) <= MAX_MESSAGE + long_names
    if judged.action is Action.WARN:
        assert len(f"{finding.message} [{finding.code}]") <= MAX_WARNING + long_names
    assert re.search(r"  | ,|\(\)|None|[A-Z]+_[A-Z]+|\n", finding.text) is None
    assert not finding.message.endswith((".", ";", ":", " "))
    assert finding.field.startswith("spec") or finding.field in {"metadata.name", "type", "data"}


@pytest.mark.parametrize("name", [LONGEST_NAME, "диск-ü-磁盘", "a.b-c.0"])
def test_any_name_is_written_as_it_is(world: World, name: str) -> None:
    world.disk(name, phase="Failed").machine(name, disks=[name], agent=False)
    for request in (snapshot_of_disk(name), snapshot_of_machine(name)):
        findings = evaluate(request, world, Policy()).findings
        assert findings
        assert all(name in judged.finding.message for judged in findings)


def test_finding_is_about_the_disk_and_on_the_field_that_leads_to_it(world: World) -> None:
    world.disk(ROOT, phase="Failed").machine(MACHINE, disks=[ROOT])
    of_disk = only(snapshot_of_disk(ROOT), world)
    of_machine = only(snapshot_of_machine(MACHINE), world)
    assert of_disk.finding.subject == of_machine.finding.subject == Reference("VirtualDisk", "default", ROOT)
    assert of_disk.finding.field == "spec.virtualDiskName"
    assert of_machine.finding.field == "spec.virtualMachineName"


def test_machine_that_writes_is_the_holder(world: World) -> None:
    world.disk(ROOT).machine(MACHINE, disks=[ROOT], agent=False)
    holder = Holder("VirtualMachine", "default", MACHINE, machine=MACHINE, phase="Running")
    assert only(snapshot_of_disk(ROOT), world).finding.holder == holder


def test_machine_that_is_starting_is_the_holder(world: World) -> None:
    world.machine(MACHINE, phase="Starting")
    holder = Holder("VirtualMachine", "default", MACHINE, machine=MACHINE, phase="Starting")
    assert only(snapshot_of_machine(MACHINE), world).finding.holder == holder


def test_waiting_is_advised_only_where_something_is_under_way(world: World) -> None:
    remedies = {}
    for phase in ("Provisioning", "Failed", "PVCLost", "WaitForUserUpload"):
        world.disk(ROOT, phase=phase)
        remedies[phase] = only(snapshot_of_disk(ROOT), world).finding.remedy
    see_why = f"see why: kubectl describe vd {ROOT}"
    assert remedies == {
        "Provisioning": f"wait: kubectl wait vd/{ROOT} --for=jsonpath={{.status.phase}}=Ready",
        "Failed": see_why,
        "PVCLost": see_why,
        "WaitForUserUpload": "upload its data first",
    }


def test_agent_that_is_ready_is_offered_where_consistency_is_declined(world: World) -> None:
    world.disk(ROOT).machine(MACHINE, disks=[ROOT], agent=True)
    ready = only(snapshot_of_disk(ROOT, required_consistency=False), world).finding
    world.machine(MACHINE, disks=[ROOT], agent=False)
    not_ready = only(snapshot_of_disk(ROOT, required_consistency=False), world).finding
    assert ready.remedy == "remove requiredConsistency: false to freeze it first"
    assert not_ready.remedy is None


def test_the_same_image_is_named_once(world: World) -> None:
    world.machine(MACHINE, images=["b", "a"]).change(VIRTUAL_MACHINE, MACHINE, spec={"blockDeviceRefs": []})
    twice = world.manifest(VIRTUAL_MACHINE, MACHINE)["status"]["blockDeviceRefs"] * 2
    world.change(VIRTUAL_MACHINE, MACHINE, status={"blockDeviceRefs": twice})
    message = only(snapshot_of_machine(MACHINE), world).finding.message
    assert message == "images are not saved: VirtualImage a, VirtualImage b"


def test_a_disk_that_the_status_does_not_show_yet_is_captured_too(world: World) -> None:
    world.machine(MACHINE, disks=[ROOT, DATA]).disk(ROOT).change(
        VIRTUAL_MACHINE, MACHINE, status={"blockDeviceRefs": []}
    )
    assert only(snapshot_of_machine(MACHINE), world).finding.subject == Reference(VIRTUAL_DISK.name, "default", DATA)


def test_machine_that_has_the_address_is_the_holder(world: World) -> None:
    world.ip_address("ip", of="billing").machine(MACHINE, address="ip")
    assert told(world, "AddressNotReady").holder == Holder("VirtualMachine", "default", "billing", machine="billing")


@pytest.mark.parametrize(
    ("phase", "remedy"),
    [
        ("Provisioning", "wait: kubectl wait vi/iso --for=jsonpath={.status.phase}=Ready"),
        ("ImageLost", "see why: kubectl describe vi iso"),
    ],
)
def test_an_image_is_waited_for_only_while_it_can_become_ready(world: World, phase: str, remedy: str) -> None:
    world.image("iso", phase=phase).machine(MACHINE, images=["iso"])
    assert told(world, "ImageNotReady").remedy == remedy


@pytest.mark.parametrize(
    ("machine_phase", "phase", "deleting", "remedy"),
    [
        ("Running", "InProgress", False, "wait: kubectl wait vmbda/plug --for=jsonpath={.status.phase}=Attached"),
        ("Running", "Failed", False, "delete it: kubectl delete vmbda plug"),
        ("Running", "Attached", True, "wait: kubectl wait vmbda/plug --for=delete"),
        ("Stopped", "Pending", False, "start the machine, or delete it: kubectl delete vmbda plug"),
    ],
)
def test_an_attachment_is_waited_for_only_while_it_can_become_attached(
    world: World, machine_phase: str, phase: str, deleting: bool, remedy: str
) -> None:
    world.machine(MACHINE, phase=machine_phase).attachment(
        "plug", of=MACHINE, disk=DATA, phase=phase, deleting=deleting
    )
    assert told(world, "AttachmentNotReady").remedy == remedy


def test_what_needs_a_snapshot_is_the_holder_and_the_snapshot_the_subject(world: World) -> None:
    case = next(case for case in SNAPSHOT_DELETIONS if case.name == "restore InProgress")
    finding = only(case.request, case.arrange(world)).finding
    assert finding.subject == Reference(VIRTUAL_MACHINE_SNAPSHOT.name, "default", SNAPSHOT)
    assert finding.holder == Holder(
        "VirtualMachineOperation", "default", "restore", machine=MACHINE, phase="InProgress"
    )


def test_part_of_the_snapshot_that_is_needed_is_named() -> None:
    messages = {}
    for name in ("disk of a child Pending", "restore of its machine's snapshot"):
        case = next(case for case in SNAPSHOT_DELETIONS if case.name == name)
        messages[name] = only(case.request, case.arrange(World())).finding.message
    assert messages == {
        "disk of a child Pending": (
            f"VirtualDisk copy (Pending) still needs VirtualDiskSnapshot {CHILD} of VirtualMachineSnapshot {SNAPSHOT}"
        ),
        "restore of its machine's snapshot": (
            f"VirtualMachineOperation restore (InProgress) still needs VirtualMachineSnapshot {SNAPSHOT}, "
            f"which has VirtualDiskSnapshot {CHILD} in it"
        ),
    }


def told(world: World, code: str) -> Finding:
    findings = evaluate(snapshot_of_machine(MACHINE), world, Policy()).findings
    return next(judged.finding for judged in findings if judged.finding.code == code)


def only(request: Request, world: World) -> Judged:
    (judged,) = evaluate(request, world, Policy()).findings
    return judged
