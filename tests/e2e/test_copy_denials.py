"""What the page asks before a machine is made of a snapshot, through kubectl: the whole text is what the user gets."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from tests.support.captured_machines import (
    CLOUD_INIT,
    IMAGE,
    MACHINE,
    SNAPSHOT,
    captured_machine,
    cloud_init,
    copy_of_snapshot,
    machine_class,
)
from tests.support.copies import rule
from tests.support.golden import assert_golden, told
from tests.support.kubectl import Json, Kubectl
from tests.support.machines import disk

GOLDEN: Final = Path(__file__).parent / "golden"


def without_names(_: Kubectl) -> Json:
    return copy_of_snapshot(nameReplacements=[], customization={})


def without_its_block(_: Kubectl) -> Json:
    manifest = copy_of_snapshot()
    del manifest["spec"]["createVirtualMachine"]
    return manifest


def names_taken(kubectl: Kubectl) -> Json:
    kubectl.must_apply(disk("root-copy"))
    return copy_of_snapshot()


def image_and_class_gone(kubectl: Kubectl) -> Json:
    kubectl.must("delete", "virtualimage", IMAGE)
    kubectl.must("delete", "vmclass", kubectl.namespace)
    return copy_of_snapshot()


def image_and_class_gone_in_best_effort(kubectl: Kubectl) -> Json:
    image_and_class_gone(kubectl)
    return copy_of_snapshot(mode="BestEffort")


def secret_edited_and_shared(kubectl: Kubectl) -> Json:
    kubectl.must_apply(cloud_init(user_data="#another"))
    names = [rule(each, f"my-{each}") for each in (MACHINE, "root", "data")]
    return copy_of_snapshot(nameReplacement=names)


def snapshot_gone(_: Kubectl) -> Json:
    return copy_of_snapshot(snapshot="before-upgarde")


def snapshot_deleted_in_part(kubectl: Kubectl) -> Json:
    """By someone who may do everything: Snapgate lets nobody else."""
    secret = kubectl.get("vms", SNAPSHOT)["status"]["virtualMachineSnapshotSecretName"]
    reconciler = "--as=system:serviceaccount:snapgate-system:snapgate-reconciler"
    kubectl.must("delete", "secret", secret, reconciler, "--as-group=system:masters")
    kubectl.wait_for_phase(f"vms/{SNAPSHOT}", "Failed")
    return copy_of_snapshot()


def source_gone(kubectl: Kubectl) -> Json:
    """Nothing of the machine is left but its snapshot, and that is enough."""
    kubectl.must("delete", "vm", MACHINE, "--wait=true")
    kubectl.must("delete", "vd", "root", "data", "--wait=true")
    kubectl.must("delete", "secret", CLOUD_INIT)
    return copy_of_snapshot()


SITUATIONS: Final[tuple[Callable[[Kubectl], Json], ...]] = (
    without_names,
    without_its_block,
    names_taken,
    image_and_class_gone,
    image_and_class_gone_in_best_effort,
    secret_edited_and_shared,
    snapshot_gone,
    snapshot_deleted_in_part,
    source_gone,
)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda each: each.__name__)
def test_user_reads(situation: Callable[[Kubectl], Json], kubectl: Kubectl) -> None:
    """With `--dry-run=server`, which asks the same and leaves nothing behind."""
    kubectl.must_apply(machine_class(kubectl, kubectl.namespace))
    captured_machine(kubectl, virtualMachineClassName=kubectl.namespace)
    asked = situation(kubectl)
    answer = kubectl.apply(asked, flags=("--dry-run=server",))
    assert_golden(GOLDEN / f"copy-{situation.__name__}.txt", told(answer, kubectl))
    kubectl.must("delete", "vmclass", kubectl.namespace, "--ignore-not-found")
