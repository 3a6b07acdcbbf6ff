"""Situations in which someone asks for a snapshot, and the codes of what is found."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.support.manifests import uid_of
from tests.support.requests import MACHINE_SNAPSHOT, snapshot_of_disk, snapshot_of_machine
from tests.support.world import World
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.facts.request import Request

MACHINE: Final = "linux-vm"
ROOT: Final = "linux-vm-root"
DATA: Final = "linux-vm-data"
LONGEST_DISK_NAME: Final = 253 - len(f"-{uid_of(VIRTUAL_MACHINE_SNAPSHOT, MACHINE_SNAPSHOT)}")

Arrange = Callable[[World], World]


@dataclass(frozen=True, slots=True)
class Case:
    """`codes` are in the order in which they are reported: by field, then by code, then by subject."""

    name: str
    arrange: Arrange
    codes: tuple[str, ...] = ()
    required_consistency: bool = True

    def __str__(self) -> str:
        return self.name

    @property
    def request(self) -> Request:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class DiskCase(Case):
    """Someone asks for a snapshot of disk linux-vm-root."""

    @property
    def request(self) -> Request:
        return snapshot_of_disk(ROOT, required_consistency=self.required_consistency)


@dataclass(frozen=True, slots=True)
class MachineCase(Case):
    """Someone asks for a snapshot of machine linux-vm."""

    keep_ip_address: str = "Always"

    @property
    def request(self) -> Request:
        return snapshot_of_machine(
            MACHINE, required_consistency=self.required_consistency, keep_ip_address=self.keep_ip_address
        )
