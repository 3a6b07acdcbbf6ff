"""What a person reads after a mistake, word for word.

`SNAPGATE_REWRITE_GOLDEN=1 pytest tests/unit/evaluation/test_golden.py` writes the files anew; read the difference aloud
before it is committed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pytest

from tests.support import manifests
from tests.support.cases import DATA, MACHINE, ROOT, Arrange
from tests.support.deletion_cases import CHILD, OPERATION_DELETIONS, SNAPSHOT, SNAPSHOT_DELETIONS
from tests.support.dependency_cases import ADDRESS, ATTACHMENT, MAC, SECRET
from tests.support.golden import assert_golden
from tests.support.manifests import DRIVER
from tests.support.protection_cases import CONTENT_CASES
from tests.support.requests import create, snapshot_of_disk, snapshot_of_machine, update
from tests.support.source_manifests import PAGE_DISK, PAGE_SNAPSHOT, data_export, disk_from
from tests.support.update_cases import UPDATE_CASES
from tests.support.world import World
from webhook.api.data_export import DATA_EXPORT
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Request
from webhook.findings.finding import Finding
from webhook.findings.policy import Policy

GOLDEN: Final = Path(__file__).parent / "golden"


@dataclass(frozen=True, slots=True)
class Mistake:
    file: str
    sentence: str
    request: Request
    arrange: Arrange

    def __str__(self) -> str:
        return self.file


MISTAKES: Final = (
    Mistake(
        "disk-name-mistyped",
        "The name of the disk has a typing error.",
        snapshot_of_disk("linux-vm-rot"),
        lambda world: world.disk(ROOT),
    ),
    Mistake(
        "machine-name-mistyped",
        "The name of the machine has a typing error.",
        snapshot_of_machine("linxu-vm"),
        lambda world: world.machine(MACHINE),
    ),
    Mistake(
        "disk-in-use-without-agent",
        "The disk belongs to a running machine whose guest has no agent.",
        snapshot_of_disk(ROOT),
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], agent=False),
    ),
    Mistake(
        "consistency-declined-although-possible",
        "requiredConsistency: false was copied from somewhere, and the agent is ready.",
        snapshot_of_machine(MACHINE, required_consistency=False),
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT]),
    ),
    Mistake(
        "machine-still-starting",
        "The snapshot is asked for right after the machine was started.",
        snapshot_of_machine(MACHINE),
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT], phase="Starting", agent=False),
    ),
    Mistake(
        "disk-being-resized",
        "The disk was enlarged a moment ago.",
        snapshot_of_machine(MACHINE),
        lambda world: world.disk(ROOT, size="20Gi", phase="Resizing").machine(MACHINE, disks=[ROOT]),
    ),
    Mistake(
        "disk-failed",
        "One disk could not be provisioned, and another was deleted from under the machine.",
        snapshot_of_machine(MACHINE),
        lambda world: world.disk(ROOT, phase="Failed", bound=False).machine(
            MACHINE, disks=[ROOT, DATA], phase="Stopped"
        ),
    ),
    Mistake(
        "disk-never-used",
        "The disk was created and no machine has started with it.",
        snapshot_of_disk(DATA),
        lambda world: world.disk(DATA, phase="WaitForFirstConsumer", bound=False),
    ),
    Mistake(
        "storage-without-snapshots",
        "The storage of the cluster has no snapshot class.",
        snapshot_of_disk(ROOT),
        lambda world: world.disk(ROOT).without_snapshot_classes(),
    ),
    Mistake(
        "disk-shared",
        "Two running machines share the disk.",
        snapshot_of_disk(DATA),
        lambda world: world.disk(DATA).machine("billing", disks=[DATA]).machine("reports", disks=[DATA]),
    ),
    Mistake(
        "image-still-attached",
        "The installation image is still attached, and settings await a restart.",
        snapshot_of_machine(MACHINE),
        lambda world: world.disk(ROOT).machine(
            MACHINE, disks=[ROOT], images=["ubuntu-24-04-iso"], pending_changes=True
        ),
    ),
    Mistake(
        "machine-being-deleted",
        "A last snapshot before the machine goes comes too late.",
        snapshot_of_machine(MACHINE),
        lambda world: world.disk(ROOT, deleting=True, phase="Terminating").machine(
            MACHINE, disks=[ROOT], phase="Terminating", deleting=True
        ),
    ),
    Mistake(
        "snapshot-edited",
        "The manifest of an old snapshot was edited to take another one.",
        UPDATE_CASES[0].request,
        lambda world: world,
    ),
    Mistake(
        "machine-restored-without-its-surroundings",
        "The machine was moved here by its manifest alone, and runs with what it had elsewhere.",
        snapshot_of_machine(MACHINE),
        lambda world: (
            world.disk(ROOT)
            .machine(
                MACHINE,
                disks=[ROOT],
                images=["ubuntu-24-04-iso"],
                address=ADDRESS,
                mac_addresses=[MAC],
                class_name="generic",
                provisioning_secret=SECRET,
                unmet=["ProvisioningReady"],
            )
            .remove(VIRTUAL_IMAGE, "ubuntu-24-04-iso")
        ),
    ),
    Mistake(
        "things-under-way",
        "Everything was created a moment ago.",
        snapshot_of_machine(MACHINE),
        lambda world: (
            world.disk(ROOT)
            .disk(DATA)
            .image("ubuntu-24-04-iso", phase="Provisioning")
            .ip_address(ADDRESS, phase="Pending", address="")
            .mac_address(MAC, of="billing")
            .attachment(ATTACHMENT, of=MACHINE, disk=DATA, phase="InProgress")
            .machine(MACHINE, disks=[ROOT], images=["ubuntu-24-04-iso"], address=ADDRESS, mac_addresses=[MAC])
        ),
    ),
    Mistake(
        "address-kept",
        "The machine has an address from the pool, and nothing is said about keeping it.",
        snapshot_of_machine(MACHINE),
        lambda world: world.disk(ROOT).ip_address(ADDRESS, of=MACHINE).machine(MACHINE, disks=[ROOT], address=ADDRESS),
    ),
    Mistake(
        "snapshot-deleted-during-restore",
        "Old snapshots are cleared away while one of them is being restored and copied.",
        SNAPSHOT_DELETIONS[0].request,
        lambda world: (
            world.put(VIRTUAL_MACHINE_SNAPSHOT, manifests.machine_snapshot(SNAPSHOT, of=MACHINE))
            .restore("restore", of=MACHINE, snapshot=SNAPSHOT, phase="InProgress")
            .machine_from_snapshot("copy", snapshot=SNAPSHOT, phase="Pending")
            .disk("recovered", phase="WaitForFirstConsumer", snapshot=CHILD)
        ),
    ),
    Mistake(
        "restore-cancelled",
        "A restore takes too long for its author.",
        OPERATION_DELETIONS[0].request,
        lambda world: world,
    ),
    Mistake(
        "disk-recovered-under-its-own-name",
        "The page's manifest is applied while the broken disk is still there.",
        update(VIRTUAL_DISK, before=manifests.disk(PAGE_DISK), after=disk_from(storage_class=DRIVER)),
        lambda world: world.captured(PAGE_SNAPSHOT, of=PAGE_DISK),
    ),
    Mistake(
        "disk-recovered-too-small",
        "The size was copied from the page.",
        create(VIRTUAL_DISK, disk_from()),
        lambda world: world.captured(PAGE_SNAPSHOT, of=PAGE_DISK, original_size="40Gi", restore_size="40Gi"),
    ),
    Mistake(
        "disk-recovered-elsewhere",
        "The class was copied from the page, and is of another storage system; the snapshot was taken while a machine "
        "wrote.",
        create(VIRTUAL_DISK, disk_from(storage_class="i-sds-replicated-thin-r2")),
        lambda world: world.captured(PAGE_SNAPSHOT, of=PAGE_DISK, consistent=False).storage_class(
            "i-sds-replicated-thin-r2", provisioner="replicated.csi.storage.deckhouse.io"
        ),
    ),
    Mistake(
        "disk-recovered-on-another-class",
        "Another class of the same storage system is named.",
        create(VIRTUAL_DISK, disk_from(storage_class="thin")),
        lambda world: world.captured(PAGE_SNAPSHOT, of=PAGE_DISK).storage_class("thin"),
    ),
    Mistake(
        "disk-recovered-from-nothing",
        "Neither the snapshot nor the class of the page's manifest exists.",
        create(VIRTUAL_DISK, disk_from(storage_class="i-sds-replicated-thin-r2")),
        lambda world: world,
    ),
    Mistake(
        "disk-recovered-too-early",
        "The snapshot is still being taken.",
        create(VIRTUAL_DISK, disk_from()),
        lambda world: world.disk_snapshot(PAGE_SNAPSHOT, of=PAGE_DISK, phase="InProgress").storage_class(DRIVER),
    ),
    Mistake(
        "disk-recovered-from-a-failed-snapshot",
        "The snapshot had failed, and nobody looked.",
        create(VIRTUAL_DISK, disk_from()),
        lambda world: world.disk_snapshot(PAGE_SNAPSHOT, of=PAGE_DISK, phase="Failed").storage_class(DRIVER),
    ),
    Mistake(
        "disk-recovered-from-lost-data",
        "The data behind the snapshot was deleted.",
        create(VIRTUAL_DISK, disk_from()),
        lambda world: world.captured(PAGE_SNAPSHOT, of=PAGE_DISK).remove(VOLUME_SNAPSHOT, f"data-of-{PAGE_SNAPSHOT}"),
    ),
    Mistake(
        "disk-enlarged-while-snapshotted",
        "The disk is enlarged while a snapshot of it and one of its machine are being taken.",
        update(VIRTUAL_DISK, before=manifests.disk(ROOT), after=manifests.disk(ROOT, size="20Gi")),
        lambda world: (
            world.machine(MACHINE, disks=[ROOT])
            .machine_snapshot(SNAPSHOT, of=MACHINE, phase="InProgress")
            .disk_snapshot("nightly", of=ROOT, phase="Pending")
        ),
    ),
    Mistake(
        "disk-exported-while-in-use",
        "Data is downloaded while the machine runs.",
        create(DATA_EXPORT, data_export("VirtualDisk", ROOT)),
        lambda world: world.disk(ROOT).machine(MACHINE, disks=[ROOT]),
    ),
    *(
        Mistake(
            f"snapshot-secret-{case.operation.lower()}",
            f"Someone's hand on the Secret of a snapshot: {case.operation.lower()}.",
            case.request,
            case.arrange,
        )
        for case in CONTENT_CASES[:3]
    ),
    Mistake(
        "several-things-at-once",
        "Nothing about the machine is as it should be.",
        snapshot_of_machine(MACHINE),
        lambda world: (
            world.disk(ROOT, size="20Gi")
            .disk(DATA, driver="slow.example.com", phase="Failed")
            .machine(MACHINE, disks=[ROOT, DATA], images=["ubuntu-24-04-iso"], agent=False)
            .without_snapshot_classes()
        ),
    ),
)


@pytest.mark.parametrize("mistake", MISTAKES, ids=str)
def test_person_at_the_terminal_reads(mistake: Mistake, world: World) -> None:
    read = rendered(mistake, evaluate(mistake.request, mistake.arrange(world), Policy()))
    assert_golden(GOLDEN / f"{mistake.file}.txt", read)


def test_every_golden_file_belongs_to_a_mistake() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == {mistake.file for mistake in MISTAKES}


def rendered(mistake: Mistake, evaluation: Evaluation) -> str:
    warnings = [finding for finding in evaluation.warnings if finding not in evaluation.waits]
    parts = [
        mistake.sentence,
        *_section("Denied", evaluation.denials),
        *_section("Waits" if not evaluation.denied else "Would wait", evaluation.waits),
        *_section("Warned", warnings),
    ]
    return "\n".join(parts) + "\n"


def _section(title: str, findings: Iterable[Finding]) -> list[str]:
    lines = [f"* {finding.field}: {finding.text}" for finding in findings]
    return ["", f"{title}:", *lines] if lines else []
