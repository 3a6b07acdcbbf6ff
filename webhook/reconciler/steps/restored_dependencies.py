"""Addresses, the provisioning Secret and the attachments of a machine that is brought back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.meta import condition
from webhook.api.secret import SECRET
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import (
    VIRTUAL_MACHINE_IP_ADDRESS,
    AddressType,
    ConditionType,
    Phase,
    VirtualMachineIPAddress,
)
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_operation import VirtualMachineOperation
from webhook.content.machine import Raw, Saved, saved_mac_address
from webhook.facts.facts import Facts
from webhook.findings.restore import ADDRESS_USED_BY_ANOTHER_MACHINE, MAC_ADDRESS_USED_BY_ANOTHER_MACHINE
from webhook.kube.errors import AlreadyExistsError
from webhook.planning.restore import becomes_static
from webhook.planning.restored_bodies import restored_object
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import SETTLED, Progress
from webhook.reconciler.steps.copying import is_made_by

_BOUND: Final = frozenset({Phase.BOUND, Phase.ATTACHED})
_ADDRESSES: Final[tuple[tuple[Kind[Any], str], ...]] = (
    (VIRTUAL_MACHINE_MAC_ADDRESS, MAC_ADDRESS_USED_BY_ANOTHER_MACHINE.name),
    (VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS_USED_BY_ANOTHER_MACHINE.name),
)


class RestoredDependencies:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    async def create_missing(self, operation: VirtualMachineOperation, saved: Saved) -> Progress | None:
        """What is there stays as it is: it is the machine's own, or kept on purpose. None when nothing is missing."""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        for kind, raw in _wanted(saved):
            if facts.get(kind, raw["metadata"]["name"]) is None:
                body = restored_object(raw, uid=operation.metadata.uid)
                try:
                    await self._cluster.writes.create(kind, operation.metadata.namespace, body)
                except AlreadyExistsError:
                    return SETTLED  # the cache will show whose it is
                return SETTLED
        return None

    def refused_addresses(self, operation: VirtualMachineOperation, saved: Saved) -> str:
        """Why a new address object does not get its address; `""` while it may. The lease is what settles a race."""
        for kind, code in _ADDRESSES:
            for address in self._made(operation, kind, saved):
                told = condition(address.status.conditions, ConditionType.BOUND)
                if told is not None and told.status == "False" and address.status.phase not in _BOUND:
                    return f"{kind.name} {address.metadata.name} does not get its address: {told.message} [{code}]"
        return ""

    def addresses_are_bound(self, operation: VirtualMachineOperation, saved: Saved) -> bool:
        made = (each for kind, _ in _ADDRESSES for each in self._made(operation, kind, saved))
        return all(each.status.phase in _BOUND for each in made)

    async def make_static(self, operation: VirtualMachineOperation, saved: Saved) -> Progress | None:
        """The page: a dynamic address is converted to a static one. None when there is nothing to convert."""
        if saved.address is None:
            return None
        name, value = saved.address["metadata"]["name"], saved.address["spec"].get("staticIP", "")
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        live: VirtualMachineIPAddress | None = facts.get(VIRTUAL_MACHINE_IP_ADDRESS, name)
        automatic = live is not None and live.spec.type == AddressType.AUTO
        if live is None or not becomes_static(automatic, live.status.address, value):
            return None
        patch = {"spec": {"type": str(AddressType.STATIC), "staticIP": value}}
        await self._cluster.writes.patch(VIRTUAL_MACHINE_IP_ADDRESS, live, patch)
        return SETTLED

    async def remove_foreign_attachments(self, operation: VirtualMachineOperation) -> Progress | None:
        """Before the machine gets its saved devices: what is plugged in besides would clash with them. Those of the
        saved names go too, and are made anew with what was saved. None when only new ones are left."""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        machine = facts.machine(operation.spec.virtual_machine_name)
        for present in facts.attachments_of(machine) if machine is not None else ():
            live = facts.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, present.reference.name)
            if live is None or is_made_by(operation.metadata.uid, live):
                continue
            if not live.metadata.deleting:
                await self._cluster.writes.delete(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, live)
            return SETTLED
        return None

    async def create_attachments(
        self, operation: VirtualMachineOperation, attachments: tuple[Raw, ...]
    ) -> Progress | None:
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        for raw in attachments:
            if facts.get(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, raw["metadata"]["name"]) is None:
                body = restored_object(raw, uid=operation.metadata.uid)
                namespace = operation.metadata.namespace
                await self._cluster.writes.create(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, namespace, body)
                return SETTLED
        return None

    async def remove_what_was_made(self, operation: VirtualMachineOperation) -> Progress | None:
        """On the way back: what was not there before goes again. None when nothing is left of it."""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        kinds = {kind.name: kind for kind in (VIRTUAL_MACHINE_MAC_ADDRESS, VIRTUAL_MACHINE_IP_ADDRESS, SECRET)}
        for each in operation.status.resources:
            kind = kinds.get(each.kind)
            live = facts.get(kind, each.name) if kind is not None else None
            if kind is None or live is None or not is_made_by(operation.metadata.uid, live):
                continue
            if not live.metadata.deleting:
                await self._cluster.writes.delete(kind, live)
            return SETTLED
        return None

    def _made(self, operation: VirtualMachineOperation, kind: Kind[Any], saved: Saved) -> Iterator[Any]:
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        for wanted, raw in _wanted(saved):
            live = facts.get(kind, raw["metadata"]["name"]) if wanted is kind else None
            if live is not None and is_made_by(operation.metadata.uid, live):
                yield live


def _wanted(saved: Saved) -> Iterator[tuple[Kind[Any], Raw]]:
    for address in saved.mac_addresses:
        yield VIRTUAL_MACHINE_MAC_ADDRESS, saved_mac_address(address)
    if saved.address is not None:
        yield VIRTUAL_MACHINE_IP_ADDRESS, saved.address
    if saved.provisioning_secret is not None:
        yield SECRET, saved.provisioning_secret
