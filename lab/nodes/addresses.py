"""An address for each pod."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address
from typing import Final

from lab.addresses import PODS
from lab.errors import LabError

FIRST: Final = 256
"""The first 255 of the range belong to the lab's own parts."""


class PodAddresses:
    """In turn, so that an address comes back late: whoever still calls a pod that is gone finds nobody."""

    def __init__(self, taken: Iterable[str]) -> None:
        """`taken`: what the pods of an earlier run of this node have."""
        numbers = [int(IPv4Address(address)) for address in taken if address]
        self._numbers: Iterator[int] = iter(
            range(max([int(PODS[FIRST]), *(number + 1 for number in numbers)]), int(PODS[-1]))
        )

    def next(self) -> IPv4Address:
        number = next(self._numbers, None)
        if number is None:
            raise LabError(f"all pod addresses of {PODS} have been used; start the lab anew")
        return IPv4Address(number)
