from __future__ import annotations

from itertools import permutations
from typing import Any

import pytest

from webhook.api.kind import Kind
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.planning.permissions import accesses_of
from webhook.planning.plan import NOTHING, Plan, Step, StepKind


def step(kind: StepKind, of: Kind[Any], name: str = "a") -> Step:
    return Step(kind, Reference(of.name, "default", name))


def needed(*steps: Step) -> list[str]:
    return [str(access) for access in accesses_of(Plan(steps), "default")]


@pytest.mark.parametrize(
    ("taken", "rights"),
    [
        (step(StepKind.CREATE, VIRTUAL_MACHINE), ["create virtualmachines"]),
        (step(StepKind.REPLACE, VIRTUAL_MACHINE), ["update virtualmachines/a"]),
        (step(StepKind.REPLACE, VIRTUAL_DISK), ["create virtualdisks", "delete virtualdisks/a"]),
        (step(StepKind.REPLACE, VIRTUAL_MACHINE_IP_ADDRESS), ["update virtualmachineipaddresses/a"]),
        (step(StepKind.CREATE, SECRET), ["create secrets"]),
        (
            step(StepKind.ATTACH, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT),
            ["create virtualmachineblockdeviceattachments"],
        ),
        (
            step(StepKind.DELETE, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT),
            ["delete virtualmachineblockdeviceattachments/a"],
        ),
        (step(StepKind.KEEP, SECRET), []),
        (step(StepKind.STOP, VIRTUAL_MACHINE), []),
        (step(StepKind.START, VIRTUAL_MACHINE), []),
        (step(StepKind.CREATE, VIRTUAL_MACHINE_SNAPSHOT), []),
    ],
)
def test_each_step_takes_the_rights_it_would_take_by_hand(taken: Step, rights: list[str]) -> None:
    assert needed(taken) == rights


def test_each_right_is_asked_for_once_whatever_the_order() -> None:
    steps = [step(StepKind.CREATE, VIRTUAL_DISK, name) for name in "abc"]
    assert {tuple(needed(*order)) for order in permutations(steps)} == {("create virtualdisks",)}


def test_rights_are_in_the_namespace_of_the_operation_and_in_the_group_of_the_kind() -> None:
    (access,) = accesses_of(Plan((step(StepKind.CREATE, VIRTUAL_DISK),)), "team")
    assert (access.group, access.namespace) == ("virtualization.deckhouse.io", "team")


def test_a_plan_that_is_not_known_asks_for_nothing() -> None:
    assert accesses_of(NOTHING, "default") == ()
