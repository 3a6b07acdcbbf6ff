"""Brings address objects to an address, and their leases to their end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from lab.machines.address_family import Address, AddressFamily, Lease
from lab.machines.conditions import Observation
from lab.machines.leases import (
    LEASE_CONDITION,
    address_status,
    is_held_by,
    lease_for,
    lease_status,
    may_be_taken,
    taking_patch,
)
from lab.machines.queue import KeyQueue
from lab.machines.table import Table
from lab.machines.writes import Writes
from webhook.api.meta import condition
from webhook.api.reference import Reference, reference_to
from webhook.api.virtual_machine_ip_address import ConditionType
from webhook.kube.errors import AlreadyExistsError, NotFoundError


class AddressReconciler:
    def __init__(
        self,
        family: AddressFamily,
        addresses: Table[Any],
        leases: Table[Any],
        user_of: Callable[[Address], str],
        writes: Writes,
        queue: KeyQueue[Reference],
    ) -> None:
        """`user_of` gives the name of the machine that has the address, `""` when none."""
        self._family = family
        self._addresses: Table[Any] = addresses
        self._leases: Table[Any] = leases
        self._user_of = user_of
        self._writes = writes
        self._queue = queue

    async def reconcile_address(self, key: Reference) -> None:
        address: Address | None = self._addresses.get(key.namespace, key.name)
        if address is None or address.metadata.deleting:
            return
        value, problem = await self._lease(address)
        user = self._user_of(address)
        status = address_status(self._family, address, value, user, problem, self._writes.now())
        await self._writes.status(self._family.kind, self._addresses, address, status)

    async def reconcile_lease(self, key: Reference) -> None:
        lease: Lease | None = self._leases.get("", key.name)
        if lease is None or lease.metadata.deleting:
            return
        holder: Address | None = self._addresses.get(lease.spec.holder.namespace, lease.spec.holder.name)
        held = holder is not None and is_held_by(self._family, lease, holder)
        left = (
            self._family.kept_seconds if not lease.released else self._family.kept_seconds - self._seconds_free(lease)
        )
        if not held and left <= 0:
            await self._writes.delete(self._family.lease_kind, lease)
            return
        if not held:
            self._queue.add_after(key, left)
        status = lease_status(self._family, lease, held=held, now=self._writes.now())
        await self._writes.status(self._family.lease_kind, self._leases, lease, status)

    async def _lease(self, address: Address) -> tuple[str, Observation | None]:
        wanted = address.requested
        if wanted and not self._family.in_range(wanted):
            return "", _problem("VirtualMachineIPAddressIsOutOfTheValidRange", f"{wanted} is not in 10.66.0.0/16")
        if wanted:
            holder = await self._take(address, wanted)
            return (wanted, None) if holder is None else ("", _taken(self._family, wanted, holder))
        for lease in self._leases.all():
            if is_held_by(self._family, lease, address):
                return self._family.address_in(lease), None
        return await self._take_any(address)

    async def _take_any(self, address: Address) -> tuple[str, Observation | None]:
        for candidate in self._family.candidates():
            known = self._leases.get("", self._family.lease_name(candidate))
            if known is None and await self._take(address, candidate) is None:
                return candidate, None
        return "", _problem("VirtualMachineIPAddressLeaseNotFound", "no address is free")

    async def _take(self, address: Address, value: str) -> Lease | None:
        """The lease of somebody else, or None when the address is ours."""
        name = self._family.lease_name(value)
        lease: Lease | None = self._leases.get("", name)
        if lease is None:
            try:
                body = lease_for(self._family, address, value)
                await self._writes.create(self._family.lease_kind, self._leases, body)
            except AlreadyExistsError:
                lease = await self._writes.read(self._family.lease_kind, "", name)
            else:
                return None
        if is_held_by(self._family, lease, address) and not lease.released:
            return None
        if not may_be_taken(lease, address):
            return lease
        try:
            patch = taking_patch(self._family, address, lease)
            await self._writes.patch(self._family.lease_kind, self._leases, lease, patch)
        except NotFoundError:
            self._queue.add_after(reference_to(self._family.kind, address), 0.0)
        return None

    def _seconds_free(self, lease: Lease) -> float:
        said = condition(lease.status.conditions, LEASE_CONDITION)
        if said is None:
            return 0.0
        since = datetime.fromisoformat(said.last_transition_time)
        return (self._writes.clock() - since).total_seconds()


def _problem(reason: str, message: str) -> Observation:
    return Observation(ConditionType.BOUND, False, reason, message)


def _taken(family: AddressFamily, value: str, lease: Lease) -> Observation:
    holder = lease.spec.holder
    return _problem(
        f"{family.kind.name}LeaseAlreadyExists",
        f"{value} is leased to {family.kind.name} {holder.name} in namespace {holder.namespace}",
    )
