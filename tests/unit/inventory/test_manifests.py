from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.exported import exported
from tests.support.requests import snapshot_of_machine
from tests.support.world import World
from webhook.api.kinds import KINDS
from webhook.api.storage import STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.evaluation.evaluate import evaluate
from webhook.facts.indexes import MACHINES_BY_DISK, in_namespace
from webhook.facts.source import UnreadableError
from webhook.findings.policy import Policy
from webhook.inventory.manifests import Manifests, UnknownKindError

WORLD = World().disk(ROOT, size="20Gi").disk(DATA, phase="Failed").machine(MACHINE, disks=[ROOT, DATA], agent=False)


def named(kind: str, name: str, **members: Any) -> dict[str, Any]:
    return {"apiVersion": "virtualization.deckhouse.io/v1alpha2", "kind": kind, "metadata": {"name": name}} | members


def test_object_is_found_by_name_and_by_index() -> None:
    facts = Manifests(exported(WORLD))
    disk = facts.get(VIRTUAL_DISK, "default", ROOT)
    assert disk is not None
    assert disk.metadata.name == ROOT
    found = facts.find(MACHINES_BY_DISK, in_namespace("default", ROOT))
    assert [machine.metadata.name for machine in found] == [MACHINE]


def test_absent_object_of_an_exported_kind_is_missing() -> None:
    assert Manifests([named("VirtualDisk", "a")]).get(VIRTUAL_DISK, "default", "b") is None
    assert Manifests([], listed=[VIRTUAL_DISK]).get(VIRTUAL_DISK, "default", "b") is None


def test_kind_that_was_not_exported_is_unknown() -> None:
    facts = Manifests([named("VirtualDisk", "a")])
    with pytest.raises(UnknownKindError, match="kubectl get vm -A"):
        facts.get(VIRTUAL_MACHINE, "default", "a")
    with pytest.raises(UnknownKindError, match="VirtualMachine"):
        facts.find(MACHINES_BY_DISK, "default/a")


def test_manifest_without_a_namespace_is_in_the_default_one() -> None:
    objects = exported(WORLD)
    for each in objects:
        each["metadata"] = {"name": each["metadata"]["name"]}
    assert len(Manifests(objects).find(MACHINES_BY_DISK, in_namespace("default", ROOT))) == 1


def test_cluster_scoped_object_has_no_namespace() -> None:
    storage_class = {"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": {"name": "fast"}}
    assert Manifests([storage_class | {"provisioner": "x"}]).get(STORAGE_CLASS, "", "fast") is not None


def test_object_exported_in_another_version_counts() -> None:
    disk = named("VirtualDisk", "a") | {"apiVersion": "virtualization.deckhouse.io/v1beta1"}
    assert Manifests([disk]).get(VIRTUAL_DISK, "default", "a") is not None


@pytest.mark.parametrize("broken", [{"status": {"phase": 5}}, {"spec": []}, {"spec": {"x": "\ud800"}}])
def test_object_that_cannot_be_understood_is_neither_there_nor_absent(broken: dict[str, Any]) -> None:
    with pytest.raises(UnreadableError, match="VirtualDisk default/a"):
        Manifests([named("VirtualDisk", "a", **broken)]).get(VIRTUAL_DISK, "default", "a")


def test_objects_without_a_name_or_kind_are_passed_over() -> None:
    facts = Manifests(
        [{}, {"kind": "VirtualDisk"}, named("VirtualDisk", "a") | {"metadata": None}, {"apiVersion": 1, "kind": {}}]
    )
    assert facts.kinds == (VIRTUAL_DISK.resource,)


@given(st.permutations(exported(WORLD)))
def test_order_of_exported_objects_changes_nothing(objects: list[dict[str, Any]]) -> None:
    request = snapshot_of_machine(MACHINE)
    assert evaluate(request, Manifests(objects, listed=KINDS), Policy()) == evaluate(request, WORLD, Policy())
