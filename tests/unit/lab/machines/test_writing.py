from __future__ import annotations

from lab.machines.kinds import MachineStatus
from lab.machines.writing import status_patch
from tests.support.machine_side import machine


def test_what_became_empty_is_removed() -> None:
    patch = status_patch(machine(), MachineStatus(phase="Stopped"))
    assert patch["status"] == {
        "phase": "Stopped",
        "conditions": None,
        "blockDeviceRefs": None,
        "restartAwaitingChanges": None,
        "virtualMachineIPAddressName": None,
        "ipAddress": None,
        "networks": None,
        "observedGeneration": None,
    }


def test_patch_holds_only_for_the_version_it_was_made_from() -> None:
    assert status_patch(machine(), MachineStatus())["metadata"] == {"resourceVersion": "1"}
