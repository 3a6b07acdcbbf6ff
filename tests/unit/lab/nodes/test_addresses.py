from __future__ import annotations

import pytest

from lab.errors import LabError
from lab.nodes.addresses import PodAddresses


def test_addresses_begin_after_those_of_the_lab_itself() -> None:
    addresses = PodAddresses([])
    assert [str(addresses.next()), str(addresses.next())] == ["10.97.1.0", "10.97.1.1"]


def test_an_address_of_an_earlier_run_is_not_given_again() -> None:
    assert str(PodAddresses(["10.97.1.7", "", "10.97.1.3"]).next()) == "10.97.1.8"


def test_the_end_of_the_range_is_an_error() -> None:
    addresses = PodAddresses(["10.97.255.253"])
    assert str(addresses.next()) == "10.97.255.254"
    with pytest.raises(LabError, match="start the lab anew"):
        addresses.next()
