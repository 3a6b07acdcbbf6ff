"""IP and MAC addresses of a saved machine: free, or its own still. Judged in the whole cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.reference import Reference
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS, VirtualMachineIPAddress
from webhook.api.virtual_machine_mac_address import (
    VIRTUAL_MACHINE_MAC_ADDRESS,
    VirtualMachineMACAddress,
    normal_mac_address,
)
from webhook.facts.facts import Facts
from webhook.facts.holders import AddressHolder, Holders
from webhook.findings.code import Code
from webhook.findings.finding import Finding, Holder
from webhook.findings.restore import (
    ADDRESS_DIFFERS_FROM_SAVED,
    ADDRESS_USED_BY_ANOTHER_MACHINE,
    MAC_ADDRESS_USED_BY_ANOTHER_MACHINE,
)
from webhook.planning.blueprint import Blueprint

SavedAddress = VirtualMachineIPAddress | VirtualMachineMACAddress


@dataclass(frozen=True, slots=True)
class _Family:
    kind: Kind[Any]
    short: str
    taken: Code
    holders_of: Callable[[Holders, str], Sequence[AddressHolder]]


_IP: Final = _Family(VIRTUAL_MACHINE_IP_ADDRESS, "vmip", ADDRESS_USED_BY_ANOTHER_MACHINE, Holders.of_ip_address)
_MAC: Final = _Family(VIRTUAL_MACHINE_MAC_ADDRESS, "vmmac", MAC_ADDRESS_USED_BY_ANOTHER_MACHINE, Holders.of_mac_address)


def addresses_are_free(blueprint: Blueprint, machine: str, facts: Facts, *, field: str) -> Iterator[Finding]:
    """The page: addresses to be restored are not used by any other machine, or do not exist.

    An address object of the saved name is kept as it is; only where there is none will the saved address be asked for.
    """
    saved: list[tuple[_Family, SavedAddress]] = [(_MAC, each) for each in blueprint.mac_addresses]
    if blueprint.address is not None:
        saved.append((_IP, blueprint.address))
    yield from facts.each(*(address_is_free(family, address, machine, facts, field) for family, address in saved))


def address_is_free(family: _Family, saved: SavedAddress, machine: str, facts: Facts, field: str) -> Iterator[Finding]:
    live = facts.get(family.kind, saved.metadata.name)
    if live is None:
        yield from value_is_free(family, saved, machine, facts, field)
    else:
        yield from object_is_its_own(family, live, machine, facts, field)
        yield from object_is_as_saved(family, live, saved, facts, field)


def value_is_free(family: _Family, saved: SavedAddress, machine: str, facts: Facts, field: str) -> Iterator[Finding]:
    """One of the pool is free by definition. A lease outlives its object, and then waits for one of the same name."""
    if not saved.requested:
        return
    subject = Reference(family.kind.name, facts.namespace, saved.metadata.name)
    for holder in family.holders_of(facts.holders, saved.requested):
        own = holder.address.namespace == facts.namespace and holder.machine == machine
        if not own and holder.address != subject:
            yield _taken(family, subject, saved.requested, holder, facts, field)


def object_is_its_own(family: _Family, live: Any, machine: str, facts: Facts, field: str) -> Iterator[Finding]:
    other = live.status.virtual_machine_name
    if other not in {"", machine}:
        reference = Reference(family.kind.name, facts.namespace, live.metadata.name)
        holder = AddressHolder(reference, other, facts.holders.phase_of_machine(other))
        yield _taken(family, reference, live.status.address or "the address", holder, facts, field)


def object_is_as_saved(family: _Family, live: Any, saved: SavedAddress, facts: Facts, field: str) -> Iterator[Finding]:
    present = normal_mac_address(live.status.address)
    if saved.requested and present and present != saved.requested:
        reference = Reference(family.kind.name, facts.namespace, live.metadata.name)
        yield ADDRESS_DIFFERS_FROM_SAVED.noticed(
            subject=reference,
            field=field,
            message=f"{reference} has {present} and keeps it, {saved.requested} was saved",
            remedy=f"to get the saved one, delete it first: kubectl delete {family.short} {live.metadata.name}",
        )


def _taken(family: _Family, subject: Reference, value: str, holder: AddressHolder, facts: Facts, field: str) -> Finding:
    address = holder.address
    elsewhere = "" if address.namespace == facts.namespace else f" in namespace {address.namespace}"
    phase = f" ({holder.phase})" if holder.phase else ""
    of = f" of machine {holder.machine}{phase}" if holder.machine else ""
    scope = "" if not elsewhere else f" -n {address.namespace}"
    return family.taken.found(
        subject=subject,
        field=field,
        message=f"{value} is held by {address}{elsewhere}{of}",
        remedy=f"release it: kubectl delete {family.short} {address.name}{scope}",
        holder=Holder(address.kind, address.namespace, address.name, holder.machine, holder.phase),
        unseen=f"{value} is held by an object you may not see",
    )
