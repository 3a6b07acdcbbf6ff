from __future__ import annotations

from typing import Any

import pytest

from webhook.api.crd import custom_resource_definition
from webhook.api.json_schema import json_schema
from webhook.api.kind import Kind
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT

SNAPSHOTS = [VIRTUAL_DISK_SNAPSHOT, VIRTUAL_MACHINE_SNAPSHOT]


def version(kind: Kind[Any]) -> dict[str, Any]:
    (only,) = custom_resource_definition(kind)["spec"]["versions"]
    assert isinstance(only, dict)
    return only


def spec_and_status(kind: Kind[Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    properties = version(kind)["schema"]["openAPIV3Schema"]["properties"]
    return properties["spec"], properties["status"]


def test_a_kind_is_known_by_all_its_names() -> None:
    spec = custom_resource_definition(VIRTUAL_DISK_SNAPSHOT)["spec"]
    assert spec["scope"] == "Namespaced"
    assert spec["names"] == {
        "kind": "VirtualDiskSnapshot",
        "listKind": "VirtualDiskSnapshotList",
        "plural": "virtualdisksnapshots",
        "singular": "virtualdisksnapshot",
        "shortNames": ["vdsnapshot", "vds"],
        "categories": ["virtualization"],
    }


def test_a_definition_says_whose_it_is() -> None:
    metadata = custom_resource_definition(VIRTUAL_MACHINE_SNAPSHOT)["metadata"]
    assert metadata == {
        "name": "virtualmachinesnapshots.virtualization.deckhouse.io",
        "labels": {"app.kubernetes.io/part-of": "snapgate"},
    }


@pytest.mark.parametrize("kind", SNAPSHOTS, ids=lambda kind: kind.name)
def test_a_list_of_snapshots_prints_the_pages_columns(kind: Kind[Any]) -> None:
    columns = version(kind)["additionalPrinterColumns"]
    assert [column["name"] for column in columns if "priority" not in column] == ["Phase", "Consistent", "Age"]


def test_a_column_for_wide_output_carries_its_priority() -> None:
    priorities = {
        column["name"]: column.get("priority", 0) for column in version(VIRTUAL_MACHINE)["additionalPrinterColumns"]
    }
    assert priorities == {"Phase": 0, "Frozen": 1, "Agent": 1, "Age": 0}


@pytest.mark.parametrize("kind", SNAPSHOTS, ids=lambda kind: kind.name)
def test_a_snapshot_is_served_and_stored_with_a_status_of_its_own(kind: Kind[Any]) -> None:
    only = version(kind)
    assert (only["name"], only["served"], only["storage"]) == ("v1alpha2", True, True)
    assert only["subresources"] == {"status": {}}
    assert only["schema"]["openAPIV3Schema"]["required"] == ["spec"]


def test_a_machine_snapshots_defaults_are_the_platforms() -> None:
    spec, status = spec_and_status(VIRTUAL_MACHINE_SNAPSHOT)
    assert spec["required"] == ["virtualMachineName"]
    assert spec["properties"]["requiredConsistency"]["default"] is True
    assert spec["properties"]["keepIPAddress"]["default"] == "Always"
    assert status["required"] == ["phase"]


@pytest.mark.parametrize("kind", SNAPSHOTS, ids=lambda kind: kind.name)
def test_a_snapshots_spec_is_immutable(kind: Kind[Any]) -> None:
    spec, _ = spec_and_status(kind)
    (rule,) = spec["x-kubernetes-validations"]
    assert rule["rule"] == "self == oldSelf"
    assert rule["message"].endswith("[SpecImmutable]")


@pytest.mark.parametrize("kind", [VIRTUAL_MACHINE, VIRTUAL_DISK], ids=lambda kind: kind.name)
def test_what_snapgate_does_not_know_of_the_platforms_kinds_is_preserved(kind: Kind[Any]) -> None:
    assert all(part["x-kubernetes-preserve-unknown-fields"] for part in spec_and_status(kind))


def test_a_kind_without_a_definition_has_neither_crd_nor_schema() -> None:
    with pytest.raises(ValueError, match="give its Kind a Definition"):
        custom_resource_definition(PERSISTENT_VOLUME_CLAIM)
    with pytest.raises(ValueError, match="give its Kind a Definition"):
        json_schema(PERSISTENT_VOLUME_CLAIM)
