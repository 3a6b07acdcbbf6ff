from __future__ import annotations

import pytest

from lab.machines.address_family import IP_ADDRESSES, MAC_ADDRESSES
from lab.machines.conditions import Observation
from lab.machines.leases import address_status, is_held_by, lease_for, lease_status, may_be_taken
from tests.support.machine_side import NOW, ip_address, ip_lease, mac_address
from webhook.api.virtual_machine_ip_address import VirtualMachineIPAddressStatus


def test_lease_is_named_after_its_address_and_names_its_holder() -> None:
    assert lease_for(IP_ADDRESSES, ip_address("ip"), "10.66.10.14") == {
        "metadata": {
            "name": "ip-10-66-10-14",
            "labels": {"virtualization.deckhouse.io/virtual-machine-ip-address-uid": "uid-of-ip"},
        },
        "spec": {"virtualMachineIPAddressRef": {"namespace": "default", "name": "ip"}},
    }


def test_lease_of_a_mac_address_has_the_platforms_spelling() -> None:
    lease = lease_for(MAC_ADDRESSES, mac_address("mac"), "02:66:00:00:00:01")
    assert lease["metadata"]["name"] == "mac-02-66-00-00-00-01"
    assert lease["spec"] == {"virtualMachineMACAddressRef": {"namespace": "default", "name": "mac"}}


def test_address_can_be_read_from_its_lease() -> None:
    assert IP_ADDRESSES.address_in(ip_lease("10.66.10.14")) == "10.66.10.14"


@pytest.mark.parametrize(
    ("holder", "uid", "namespace", "held"),
    [
        ("ip", "uid-of-ip", "default", True),
        ("ip", "uid-of-an-earlier-one", "default", False),
        ("other", "uid-of-other", "default", False),
        ("ip", "uid-of-ip", "elsewhere", False),
    ],
)
def test_lease_is_held_by_one_object_of_the_cluster(holder: str, uid: str, namespace: str, *, held: bool) -> None:
    lease = ip_lease("10.66.0.1", holder=holder, uid=uid, namespace=namespace)
    assert is_held_by(IP_ADDRESSES, lease, ip_address("ip")) is held


@pytest.mark.parametrize(("phase", "takeable"), [("Released", True), ("Bound", False)])
def test_lease_of_another_can_be_taken_once_it_is_released(phase: str, *, takeable: bool) -> None:
    assert may_be_taken(ip_lease("10.66.0.1", holder="other", phase=phase), ip_address("ip")) is takeable


def test_recreated_address_takes_the_lease_of_the_first_one() -> None:
    assert may_be_taken(ip_lease("10.66.0.1", uid="uid-of-an-earlier-one", phase="Bound"), ip_address("ip"))


@pytest.mark.parametrize(
    ("value", "machine", "phase", "user"),
    [("", "vm", "Pending", ""), ("10.66.0.1", "", "Bound", ""), ("10.66.0.1", "vm", "Attached", "vm")],
)
def test_phase_of_an_address_follows_its_lease_and_its_machine(value: str, machine: str, phase: str, user: str) -> None:
    status = address_status(IP_ADDRESSES, ip_address(), value, machine, None, NOW)
    assert (status.phase, status.address, status.virtual_machine_name) == (phase, value, user)
    assert isinstance(status, VirtualMachineIPAddressStatus)


def test_address_that_has_no_lease_says_why() -> None:
    problem = Observation("Bound", False, "VirtualMachineIPAddressLeaseAlreadyExists", "it is leased to other")
    bound, _ = address_status(IP_ADDRESSES, ip_address(), "", "", problem, NOW).conditions
    assert (bound.type, bound.status, bound.reason) == ("Bound", "False", "VirtualMachineIPAddressLeaseAlreadyExists")


@pytest.mark.parametrize(("held", "phase"), [(True, "Bound"), (False, "Released")])
def test_lease_outlives_its_holder_as_released(phase: str, *, held: bool) -> None:
    status = lease_status(IP_ADDRESSES, ip_lease("10.66.0.1"), held=held, now=NOW)
    assert (status.phase, status.conditions[0].reason) == (phase, phase)


@pytest.mark.parametrize(
    ("text", "usable"), [("10.66.0.1", True), ("10.67.0.1", False), ("::1", False), ("ten", False)]
)
def test_static_address_must_be_one_of_the_labs(text: str, *, usable: bool) -> None:
    assert IP_ADDRESSES.in_range(text) is usable
