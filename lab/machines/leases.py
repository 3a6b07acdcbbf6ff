"""What an address object and its lease are to say. Pure."""

from __future__ import annotations

from typing import Any, Final

from lab.machines.address_family import Address, AddressFamily, AddressStatus, Lease, LeaseStatus
from lab.machines.conditions import Observation, observed
from webhook.api.virtual_machine_ip_address import ConditionType, Phase
from webhook.api.virtual_machine_ip_address_lease import Phase as LeasePhase

_OWNED: Final = frozenset(ConditionType)
LEASE_CONDITION: Final = "Bound"


def is_held_by(family: AddressFamily, lease: Lease, address: Address) -> bool:
    """A lease names its holder by name; the uid in its label tells a re-created holder from the first one."""
    holder, metadata = lease.spec.holder, address.metadata
    if (holder.namespace, holder.name) != (metadata.namespace, metadata.name):
        return False
    return lease.metadata.labels.get(family.uid_label, metadata.uid) == metadata.uid


def may_be_taken(lease: Lease, address: Address) -> bool:
    """A released lease is there for all; one that names this very object was held by an earlier one of its name."""
    holder = lease.spec.holder
    return lease.released or (holder.namespace, holder.name) == (address.metadata.namespace, address.metadata.name)


def lease_for(family: AddressFamily, address: Address, value: str) -> dict[str, Any]:
    return {"metadata": {"name": family.lease_name(value), **_labels(family, address)}, "spec": _spec(family, address)}


def taking_patch(family: AddressFamily, address: Address, lease: Lease) -> dict[str, Any]:
    """Only as the lease was seen: two that want the same address must not both believe they have it."""
    metadata = {"resourceVersion": lease.metadata.resource_version, **_labels(family, address)}
    return {"metadata": metadata, "spec": _spec(family, address)}


def address_status(
    family: AddressFamily, address: Address, value: str, machine_name: str, problem: Observation | None, now: str
) -> AddressStatus:
    """`value` is the leased address, `""` while there is none; `problem` says why."""
    bound = problem or Observation(ConditionType.BOUND, True, "Bound")
    attached = (
        Observation(ConditionType.ATTACHED, True, "Attached")
        if machine_name and value
        else Observation(ConditionType.ATTACHED, False, "VirtualMachineNotFound", "no machine uses the address")
    )
    generation = address.metadata.generation
    return family.status(
        phase=_phase(value, machine_name),
        address=value,
        virtual_machine_name=machine_name if value else "",
        conditions=observed(address.status.conditions, [bound, attached], owned=_OWNED, generation=generation, now=now),
        observed_generation=generation,
    )


def lease_status(family: AddressFamily, lease: Lease, *, held: bool, now: str) -> LeaseStatus:
    said = Observation(LEASE_CONDITION, held, "Bound" if held else "Released")
    generation = lease.metadata.generation
    return family.lease_status(
        phase=LeasePhase.BOUND if held else LeasePhase.RELEASED,
        conditions=observed(lease.status.conditions, [said], owned={LEASE_CONDITION}, generation=generation, now=now),
        observed_generation=generation,
    )


def _phase(value: str, machine_name: str) -> Phase:
    if not value:
        return Phase.PENDING
    return Phase.ATTACHED if machine_name else Phase.BOUND


def _labels(family: AddressFamily, address: Address) -> dict[str, Any]:
    return {"labels": {family.uid_label: address.metadata.uid}}


def _spec(family: AddressFamily, address: Address) -> dict[str, Any]:
    return {family.holder_member: {"namespace": address.metadata.namespace, "name": address.metadata.name}}
