from __future__ import annotations

import msgspec
import pytest

from webhook.api.meta import Condition, ObjectMeta, OwnerReference, condition, condition_is_true

SEEN = "2026-01-01T00:00:00Z"
READY = Condition("Ready", "True", "Ready", "", SEEN)
FAILED = Condition("Frozen", "False", "Thawed", "thawed", SEEN, observed_generation=2)


@pytest.mark.parametrize(("condition_type", "true"), [("Ready", True), ("Frozen", False), ("Unheard", False)])
def test_a_condition_is_true_when_it_is_there_and_says_so(condition_type: str, true: bool) -> None:
    assert condition_is_true((READY, FAILED), condition_type) is true


def test_an_unknown_condition_is_not_true() -> None:
    assert not Condition("Ready", "Unknown", "Unknown", "", SEEN).true


def test_a_condition_is_found_by_its_type() -> None:
    assert condition((READY, FAILED), "Frozen") == FAILED
    assert condition((READY, FAILED), "Unheard") is None


def test_a_condition_is_written_with_every_required_member() -> None:
    assert msgspec.to_builtins(READY) == {
        "type": "Ready",
        "status": "True",
        "reason": "Ready",
        "message": "",
        "lastTransitionTime": SEEN,
    }


def test_an_object_is_deleting_from_its_deletion_timestamp_on() -> None:
    assert ObjectMeta(deletion_timestamp=SEEN).deleting
    assert not ObjectMeta().deleting


def test_an_owner_is_found_by_kind_whatever_its_version() -> None:
    machine = OwnerReference("virtualization.deckhouse.io/v1alpha3", "VirtualMachine", "linux-vm", "u")
    metadata = ObjectMeta(owner_references=(OwnerReference("v1", "Pod", "p", "v"), machine))
    assert metadata.owner("VirtualMachine") == machine
    assert metadata.owner("VirtualDisk") is None
