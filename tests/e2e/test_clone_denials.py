"""What the page asks before a machine is cloned, through kubectl: the whole text is what the user gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.captured_machines import (
    CLOUD_INIT,
    IMAGE,
    MACHINE,
    clone,
    cloud_init,
    machine_class,
    stopped_machine,
    suffixed,
)
from tests.support.copies import documented, rule
from tests.support.golden import assert_golden, told
from tests.support.kubectl import Json, Kubectl
from tests.support.machines import disk

GOLDEN: Final = Path(__file__).parent / "golden"


def without_names(_: Kubectl) -> Json:
    return clone(nameReplacements=[], customization={})


def source_running(kubectl: Kubectl) -> Json:
    kubectl.must("patch", "vm", MACHINE, "--type=merge", '--patch={"spec":{"runPolicy":"AlwaysOn"}}')
    kubectl.wait_for_phase(f"vm/{MACHINE}", "Running")
    return clone()


def source_gone(_: Kubectl) -> Json:
    return clone(of="linxu-vm")


def names_taken(kubectl: Kubectl) -> Json:
    kubectl.must_apply(disk("root-copy"), cloud_init(f"{CLOUD_INIT}-copy"))
    return clone()


def names_kept(_: Kubectl) -> Json:
    return clone(nameReplacements=documented([rule(MACHINE, "web"), rule("root", "web-root")]))


def names_impossible(_: Kubectl) -> Json:
    rules = [rule("root", "Disk"), rule("data", "Disk"), rule(MACHINE, "m" * 59, kind="VirtualMachine")]
    return clone(nameReplacement=rules, **suffixed())


def rules_mistyped(_: Kubectl) -> Json:
    rules = [rule("root", "a", kind="VirtualDsik"), rule("dta", "b"), rule("root", "c"), rule("root", "d")]
    return clone(nameReplacement=rules, **suffixed())


def image_and_class_gone(kubectl: Kubectl) -> Json:
    kubectl.must("delete", "virtualimage", IMAGE)
    kubectl.must("delete", "vmclass", kubectl.namespace)
    return clone()


def image_gone_in_best_effort(kubectl: Kubectl) -> Json:
    kubectl.must("delete", "virtualimage", IMAGE)
    return clone(mode="BestEffort")


SITUATIONS: Final[tuple[Callable[[Kubectl], Json], ...]] = (
    without_names,
    source_running,
    source_gone,
    names_taken,
    names_kept,
    names_impossible,
    rules_mistyped,
    image_and_class_gone,
    image_gone_in_best_effort,
)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.__name__)
def test_user_reads(situation: Callable[[Kubectl], Json], kubectl: Kubectl) -> None:
    """With `--dry-run=server`, which asks the same and leaves nothing behind."""
    kubectl.must_apply(machine_class(kubectl, kubectl.namespace))
    stopped_machine(kubectl, virtualMachineClassName=kubectl.namespace)
    asked = situation(kubectl)
    answer = kubectl.apply(asked, flags=("--dry-run=server",))
    assert_golden(GOLDEN / f"clone-{situation.__name__}.txt", told(answer, kubectl))
    kubectl.must("delete", "vmclass", kubectl.namespace, "--ignore-not-found")
