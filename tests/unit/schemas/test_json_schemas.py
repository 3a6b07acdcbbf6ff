from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from schemas.generate import ROOT

VALIDATORS = {
    schema["title"]: Draft7Validator(schema)
    for schema in (json.loads(path.read_text()) for path in (ROOT / "json").glob("*.json"))
}

# As on the documentation page, with its placeholder replaced.
DISK_SNAPSHOT = """
apiVersion: virtualization.deckhouse.io/v1alpha2
kind: VirtualDiskSnapshot
metadata:
  name: linux-vm-root-1728027905
spec:
  requiredConsistency: true
  virtualDiskName: linux-vm-root
"""
MACHINE_SNAPSHOT = """
apiVersion: virtualization.deckhouse.io/v1alpha2
kind: VirtualMachineSnapshot
metadata:
  name: linux-vm-snapshot
spec:
  virtualMachineName: linux-vm
  requiredConsistency: true
  keepIPAddress: Never
"""
DISK_FROM_SNAPSHOT = """
apiVersion: virtualization.deckhouse.io/v1alpha2
kind: VirtualDisk
metadata:
  name: linux-vm-root
spec:
  persistentVolumeClaim:
    size: 10Gi
    storageClassName: i-sds-replicated-thin-r2
  dataSource:
    type: ObjectRef
    objectRef:
      kind: VirtualDiskSnapshot
      name: linux-vm-root-1728027905
"""


def errors(manifest: str, replaced: str = "", by: str = "") -> list[tuple[str, str]]:
    """Where a manifest breaks the schema of its kind, and which keyword it breaks."""
    document: Any = yaml.safe_load(manifest.replace(replaced, by, 1) if replaced else manifest)
    found = VALIDATORS[document["kind"]].iter_errors(document)
    return sorted((error.json_path, str(error.validator)) for error in found)


@pytest.mark.parametrize("name", sorted(VALIDATORS))
def test_every_schema_is_itself_valid(name: str) -> None:
    Draft7Validator.check_schema(VALIDATORS[name].schema)


@pytest.mark.parametrize("manifest", [DISK_SNAPSHOT, MACHINE_SNAPSHOT, DISK_FROM_SNAPSHOT])
def test_the_pages_manifests_are_valid(manifest: str) -> None:
    assert errors(manifest) == []


def test_a_misspelled_member_is_rejected() -> None:
    assert errors(DISK_SNAPSHOT, "virtualDiskName", "virtualDiskNam") == [
        ("$.spec", "additionalProperties"),
        ("$.spec", "required"),
    ]


@pytest.mark.parametrize(
    ("replaced", "by", "error"),
    [
        ("linux-vm\n", '""\n', ("$.spec.virtualMachineName", "minLength")),
        ("Never", "Sometimes", ("$.spec.keepIPAddress", "enum")),
        ("true", '"true"', ("$.spec.requiredConsistency", "type")),
        ("v1alpha2", "v1", ("$.apiVersion", "const")),
        ("  virtualMachineName: linux-vm\n", "", ("$.spec", "required")),
        ("metadata:\n  name: linux-vm-snapshot\n", "", ("$", "required")),
        ("spec:", "unheard: {}\nspec:", ("$", "additionalProperties")),
    ],
)
def test_what_the_api_server_would_refuse_is_rejected(replaced: str, by: str, error: tuple[str, str]) -> None:
    assert errors(MACHINE_SNAPSHOT, replaced, by) == [error]


@pytest.mark.parametrize("size", ["10Gi", "10737418240", '"1.5e3"'])
def test_a_size_is_text_or_a_number(size: str) -> None:
    assert errors(DISK_FROM_SNAPSHOT, "10Gi", size) == []


@pytest.mark.parametrize(("size", "keyword"), [("ten", "pattern"), ("true", "anyOf")])
def test_a_size_that_is_neither_is_rejected(size: str, keyword: str) -> None:
    assert errors(DISK_FROM_SNAPSHOT, "10Gi", size) == [("$.spec.persistentVolumeClaim.size", keyword)]


def test_what_the_platform_may_add_to_its_kinds_is_allowed() -> None:
    assert errors(DISK_FROM_SNAPSHOT, "    type: ObjectRef", "    type: ObjectRef\n    unheard: 1") == []
    assert errors(DISK_FROM_SNAPSHOT, "spec:", "spec:\n  unheard: 1") == []


def test_what_the_platforms_crd_would_prune_is_rejected() -> None:
    assert errors(DISK_FROM_SNAPSHOT, "    size:", "    unheard: 1\n    size:") == [
        ("$.spec.persistentVolumeClaim", "additionalProperties")
    ]
