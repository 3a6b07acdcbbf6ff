"""What the platform's own CRDs accept on CREATE, ours accept: one specification of each form that they describe."""

from __future__ import annotations

import json
from typing import Any

import pytest
from jsonschema import Draft7Validator

from schemas.generate import ROOT

CLONE = {"mode": "Strict", "customization": {"namePrefix": "new-"}}
RENAMING = {
    "mode": "BestEffort",
    "nameReplacement": [
        {"from": {"kind": "VirtualDisk", "name": "root"}, "to": "root-2"},
        {"from": {"name": "a"}, "to": "b"},
    ],
}
DISKS = [{"kind": "VirtualDisk", "name": "root", "bootOrder": 1}]
IMAGE = {"type": "ContainerImage", "containerImage": {"image": "alpine:3"}}

ACCEPTED: list[tuple[str, dict[str, Any]]] = [
    ("VirtualMachineIPAddress", {"type": "Auto"}),
    ("VirtualMachineIPAddress", {"type": "Static", "staticIP": "10.66.10.14"}),
    (
        "VirtualMachineIPAddressLease",
        {"virtualMachineIPAddressRef": {"name": "vm", "namespace": "default"}},
    ),
    ("VirtualMachineMACAddress", {}),
    ("VirtualMachineMACAddress", {"address": "F6:E1:74:94:16:6b"}),
    ("VirtualMachineMACAddress", {"address": "F6-E1-74-94-16-6B"}),
    ("VirtualMachineMACAddressLease", {"virtualMachineMACAddressRef": {"name": "mac", "namespace": "default"}}),
    (
        "VirtualMachineBlockDeviceAttachment",
        {"virtualMachineName": "vm", "blockDeviceRef": {"kind": "ClusterVirtualImage", "name": "iso"}},
    ),
    ("VirtualImage", {"storage": "PersistentVolumeClaim", "persistentVolumeClaim": {}, "dataSource": IMAGE}),
    (
        "VirtualImage",
        {"dataSource": {"type": "ObjectRef", "objectRef": {"kind": "VirtualDiskSnapshot", "name": "s"}}},
    ),
    (
        "ClusterVirtualImage",
        {
            "dataSource": {
                "type": "ObjectRef",
                "objectRef": {"kind": "VirtualDisk", "name": "root", "namespace": "default"},
            }
        },
    ),
    ("VirtualMachineClass", {"cpu": {"type": "Host"}, "sizingPolicies": [{"cores": {"min": 1, "max": 4}}]}),
    ("VirtualMachineOperation", {"type": "Restart", "virtualMachineName": "vm", "force": True}),
    (
        "VirtualMachineOperation",
        {"type": "Migrate", "virtualMachineName": "vm", "migrate": {"nodeSelector": {"a": "b"}}},
    ),
    (
        "VirtualMachineOperation",
        {
            "type": "Restore",
            "virtualMachineName": "vm",
            "restore": {"mode": "DryRun", "virtualMachineSnapshotName": "snap"},
        },
    ),
    ("VirtualMachineOperation", {"type": "Clone", "virtualMachineName": "vm", "clone": CLONE}),
    ("VirtualMachineOperation", {"type": "Clone", "virtualMachineName": "vm", "clone": RENAMING}),
    (
        "VirtualMachineSnapshotOperation",
        {"type": "CreateVirtualMachine", "virtualMachineSnapshotName": "snap", "createVirtualMachine": CLONE},
    ),
    ("VirtualMachineSnapshotOperation", {"type": "CreateVirtualMachine", "virtualMachineSnapshotName": "snap"}),
    (
        "VirtualMachine",
        {
            "virtualMachineClassName": "generic",
            "cpu": {"cores": 1, "coreFraction": "50%"},
            "memory": {"size": "1Gi"},
            "blockDeviceRefs": DISKS,
            "virtualMachineIPAddressName": "address",
            "networks": [
                {"type": "Main", "id": 1},
                {"type": "ClusterNetwork", "name": "lan", "virtualMachineMACAddressName": "mac", "ipAddressName": "ip"},
            ],
            "provisioning": {"type": "UserDataRef", "userDataRef": {"kind": "Secret", "name": "cloud-init"}},
        },
    ),
    ("VirtualMachine", {"blockDeviceRefs": DISKS, "provisioning": {"type": "UserData", "userData": "#cloud-config"}}),
]

REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("VirtualMachineIPAddress", {"type": "Dynamic"}),
    ("VirtualMachineMACAddress", {"address": "F6:E1:74:94:16"}),
    ("VirtualMachineBlockDeviceAttachment", {"virtualMachineName": "vm"}),
    ("VirtualMachineOperation", {"type": "Pause", "virtualMachineName": "vm"}),
    ("VirtualMachineOperation", {"type": "Restore", "virtualMachineName": "vm", "restore": {"mode": "Strict"}}),
    (
        "VirtualMachineOperation",
        {"type": "Clone", "virtualMachineName": "vm", "clone": CLONE | {"customization": {"namePrefix": "n" * 60}}},
    ),
    ("VirtualMachine", {"blockDeviceRefs": []}),
]


def errors(kind: str, spec: dict[str, Any]) -> list[str]:
    schema = json.loads((ROOT / "json" / f"{kind.lower()}.json").read_text())
    document = {
        "apiVersion": "virtualization.deckhouse.io/v1alpha2",
        "kind": kind,
        "metadata": {"name": "it"},
        "spec": spec,
    }
    return [error.message for error in Draft7Validator(schema).iter_errors(document)]


@pytest.mark.parametrize(("kind", "spec"), ACCEPTED)
def test_what_the_platform_accepts_is_accepted(kind: str, spec: dict[str, Any]) -> None:
    assert errors(kind, spec) == []


@pytest.mark.parametrize(("kind", "spec"), REFUSED)
def test_what_the_platform_refuses_is_refused(kind: str, spec: dict[str, Any]) -> None:
    assert errors(kind, spec)


def test_a_class_is_accepted_in_both_versions_of_the_platform() -> None:
    schema = json.loads((ROOT / "json" / "virtualmachineclass.json").read_text())
    assert schema["properties"]["apiVersion"]["enum"] == [
        "virtualization.deckhouse.io/v1alpha2",
        "virtualization.deckhouse.io/v1alpha3",
    ]
