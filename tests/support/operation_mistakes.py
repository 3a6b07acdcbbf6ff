"""What people get wrong about restores, clones and copies."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import msgspec

from tests.support.cases import DATA, MACHINE, ROOT, Arrange
from tests.support.copies import clone as clone_manifest
from tests.support.copies import rule
from tests.support.manifests import Json
from tests.support.operation_changes import (
    in_phase,
    quota,
    recreated,
    snapshot_status,
    snapshot_unfinished,
    tampered,
    unfinished,
    with_usb,
)
from tests.support.operation_worlds import (
    ADDRESS,
    CLASS,
    EXTRA,
    IMAGE,
    IP_VALUE,
    NETWORK_NAME,
    SNAPSHOT,
    USER_DATA,
    changed_before,
    clone,
    copy_of_snapshot,
    healthy,
    only_images,
    other_machine,
    restore,
)
from tests.support.saved_manifests import child_name, secret_name
from tests.support.shape_cases import SHAPE_CASES
from tests.support.twins import nothing
from tests.support.world import World
from webhook.api.network import NETWORK
from webhook.api.secret import SECRET
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.facts.request import Request
from webhook.facts.user import Access, User


@dataclass(frozen=True, slots=True, kw_only=True)
class OperationMistake:
    file: str
    sentence: str
    make: Callable[..., Request]
    mode: str = "Strict"
    arrange: Arrange = nothing
    members: Json = field(default_factory=dict)
    dry_run: bool = False
    """With `--dry-run=server`."""
    refused: tuple[Access, ...] = ()

    def __str__(self) -> str:
        return self.file

    @property
    def request(self) -> Request:
        request = self.make(self.mode, **self.members)
        if self.refused:
            return msgspec.structs.replace(request, user=User("jane"), refused=self.refused)
        return request

    @property
    def world(self) -> World:
        return self.arrange(healthy(World()))


def without_its_block(_: str) -> Request:
    return next(case.request for case in SHAPE_CASES if case.name == "restore without restore")


def overtaken_by_events(world: World) -> World:
    """Half a year has passed."""
    other_machine(world).attachment("billing-data", of="billing", disk=DATA)
    world.remove(VIRTUAL_IMAGE, IMAGE).remove(VIRTUAL_MACHINE_CLASS, CLASS).remove(NETWORK, NETWORK_NAME)
    world.secret(USER_DATA, user_data="#new").remove(VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS)
    return world.ip_address("billing-ip", of="billing", address=IP_VALUE)


def copied_already(world: World) -> World:
    for disk in (ROOT, DATA, EXTRA):
        world.disk(f"{disk}-copy")
    world.secret(f"{USER_DATA}-copy").attachment("linux-vm-plug-copy", of=f"{MACHINE}-copy", disk=f"{EXTRA}-copy")
    return world.machine(f"{MACHINE}-copy", disks=[f"{ROOT}-copy", f"{DATA}-copy"])


def address_in_another_team(world: World) -> World:
    world.remove(VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS).elsewhere("team-b")
    return (
        other_machine(world, phase="Stopped")
        .ip_address("billing-ip", of="billing", address=IP_VALUE)
        .elsewhere("default")
    )


def running(world: World) -> World:
    return in_phase("Running")(changed_before(world, spec={"runPolicy": "AlwaysOnUnlessStoppedManually"}))


GROUP: Final = "virtualization.deckhouse.io"
RENAMED: Final[Any] = [rule(MACHINE, "web"), rule(ROOT, "web-root"), rule(DATA, "web-data")]

MISTAKES: Final = (
    OperationMistake(
        file="restore-snapshot-mistyped",
        sentence="The name of the snapshot has a typing error.",
        make=restore,
        members={"snapshot": "before-upgarde"},
    ),
    OperationMistake(
        file="restore-machine-recreated",
        sentence="The machine was deleted and made anew from its manifest.",
        make=restore,
        arrange=recreated,
    ),
    OperationMistake(
        file="restore-machine-gone",
        sentence="The machine is gone, and is to come back from its snapshot.",
        make=restore,
        arrange=lambda world: world.remove(VIRTUAL_MACHINE, MACHINE),
    ),
    OperationMistake(
        file="restore-after-half-a-year",
        sentence="Half a year has passed, and nothing is where it was.",
        make=restore,
        arrange=overtaken_by_events,
    ),
    OperationMistake(
        file="restore-best-effort-after-half-a-year",
        sentence="The same with the least demanding mode, tried out first.",
        make=restore,
        mode="BestEffort",
        arrange=overtaken_by_events,
        dry_run=True,
    ),
    OperationMistake(
        file="restore-rehearsed-by-the-cluster",
        sentence="The same as an operation of mode DryRun, which is created.",
        make=restore,
        mode="DryRun",
        arrange=overtaken_by_events,
    ),
    OperationMistake(
        file="restore-address-in-another-team",
        sentence="A machine of another namespace has the address, and is off.",
        make=restore,
        arrange=address_in_another_team,
    ),
    OperationMistake(
        file="restore-while-stopping",
        sentence="The machine is still being stopped.",
        make=restore,
        arrange=lambda world: unfinished("Stop")(in_phase("Stopping")(world)),
    ),
    OperationMistake(
        file="restore-too-early",
        sentence="The snapshot is still being taken.",
        make=restore,
        arrange=snapshot_unfinished,
    ),
    OperationMistake(
        file="restore-settings-lost",
        sentence="Somebody cleared away Secrets.",
        make=restore,
        arrange=lambda world: world.remove(SECRET, secret_name(SNAPSHOT)),
    ),
    OperationMistake(
        file="restore-settings-edited",
        sentence="Somebody edited what was saved.",
        make=restore,
        arrange=tampered,
    ),
    OperationMistake(
        file="restore-of-another-machine",
        sentence="The snapshot is of another machine.",
        make=restore,
        members={"of": "web"},
        arrange=lambda world: world.machine("web", phase="Stopped"),
    ),
    OperationMistake(
        file="restore-without-its-block",
        sentence="spec.restore was forgotten.",
        make=without_its_block,
    ),
    OperationMistake(
        file="restore-tried-out",
        sentence="Nothing is wrong, and its author asks what would happen to the running machine.",
        make=restore,
        arrange=running,
        dry_run=True,
    ),
    OperationMistake(
        file="restore-without-rights",
        sentence="The author may create operations, and not replace disks.",
        make=restore,
        refused=tuple(
            Access(verb, GROUP, "virtualdisks", namespace="default", name=name)
            for verb, name in (("create", ""), ("delete", ROOT), ("delete", DATA))
        ),
    ),
    OperationMistake(
        file="restore-nothing-left-to-start-from",
        sentence="A machine that starts from an image only, and the image is gone.",
        make=restore,
        mode="BestEffort",
        arrange=lambda world: only_images(world, "rescue").remove(VIRTUAL_IMAGE, "rescue"),
    ),
    OperationMistake(
        file="clone-without-names",
        sentence="The page's manifest with customization: {} and nameReplacements: [].",
        make=clone,
        members={"customization": None},
    ),
    OperationMistake(
        file="clone-of-a-running-machine",
        sentence="The machine to be cloned runs, and would start again as a copy.",
        make=clone,
        arrange=running,
    ),
    OperationMistake(
        file="clone-made-twice",
        sentence="The same clone is asked for under another operation's name.",
        make=clone,
        arrange=copied_already,
    ),
    OperationMistake(
        file="clone-rules-mistyped",
        sentence="A kind and a name have typing errors, and one rule comes twice.",
        make=clone,
        members={
            "nameReplacement": [
                rule(ROOT, "a", kind="VirtualDsik"),
                rule("linux-vm-dta", "b"),
                rule(ROOT, "c"),
                rule(ROOT, "d", kind="VirtualDisk"),
            ]
        },
    ),
    OperationMistake(
        file="clone-some-names-only",
        sentence="Rules for the machine and two of its disks; the rest was forgotten.",
        make=clone,
        members={"customization": None, "nameReplacement": RENAMED},
    ),
    OperationMistake(
        file="clone-names-impossible",
        sentence="A name in upper case, one that is too long, and two that are one.",
        make=clone,
        members={
            "nameReplacement": [
                rule(MACHINE, "quarterly-report-generator-of-the-finance-department-in-hamburg", kind="VirtualMachine"),
                rule(ROOT, "Root"),
                rule(DATA, "disk"),
                rule(EXTRA, "disk"),
            ]
        },
    ),
    OperationMistake(
        file="clone-while-another-is-made",
        sentence="Two people clone to the same names.",
        make=clone,
        arrange=lambda world: world.put(
            VIRTUAL_MACHINE_OPERATION, clone_manifest("anns-copy", customization={"nameSuffix": "-copy"})
        ),
    ),
    OperationMistake(
        file="clone-tried-out",
        sentence="Nothing is wrong, and its author asks what would happen.",
        make=clone,
        dry_run=True,
    ),
    OperationMistake(
        file="clone-with-usb-tried-out",
        sentence="The machine has a USB device and an image that is gone; best effort leaves both out.",
        make=clone,
        mode="BestEffort",
        arrange=lambda world: with_usb(world).remove(VIRTUAL_IMAGE, IMAGE),
        dry_run=True,
    ),
    OperationMistake(
        file="copy-image-gone",
        sentence="The installation image was deleted, and there is little storage left.",
        make=copy_of_snapshot,
        arrange=lambda world: quota("30Gi")(world.remove(VIRTUAL_IMAGE, IMAGE)),
    ),
    OperationMistake(
        file="copy-data-lost",
        sentence="The data of a disk was deleted, and the snapshot was taken without freezing the guest.",
        make=copy_of_snapshot,
        arrange=lambda world: snapshot_status(consistent=None)(world).remove(
            VIRTUAL_DISK_SNAPSHOT, child_name(DATA, SNAPSHOT)
        ),
    ),
    OperationMistake(
        file="copy-tried-out",
        sentence="Nothing is wrong, and its author asks what would happen.",
        make=copy_of_snapshot,
        dry_run=True,
    ),
)
