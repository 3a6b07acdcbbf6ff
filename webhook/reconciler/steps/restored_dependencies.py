"""Addresses and the provisioning Secret of a machine that is brought back. What is there stays as it is: it is the
machine's own, or kept on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.meta import condition
from webhook.api.secret import SECRET
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
from webhook.content.saved import ContentError
from webhook.facts.facts import Facts
from webhook.findings.restore import (
    ADDRESS_USED_BY_ANOTHER_MACHINE,
    MAC_ADDRESS_USED_BY_ANOTHER_MACHINE,
    SECRET_CONTENT_DIFFERS,
)
from webhook.kube.errors import AlreadyExistsError
from webhook.planning.restore import becomes_static
from webhook.planning.restored_bodies import restored_object
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.progress import AGAIN_SOON, SETTLED, Progress, again_after
from webhook.reconciler.steps.made import is_made_by
from webhook.reconciler.steps.shared_secret import others_use
from webhook.reconciler.steps.unseen_secret import unseen_secret

_BOUND: Final = frozenset({Phase.BOUND, Phase.ATTACHED})
_ADDRESSES: Final[tuple[tuple[Kind[Any], str], ...]] = (
    (VIRTUAL_MACHINE_MAC_ADDRESS, MAC_ADDRESS_USED_BY_ANOTHER_MACHINE.name),
    (VIRTUAL_MACHINE_IP_ADDRESS, ADDRESS_USED_BY_ANOTHER_MACHINE.name),
)
_KINDS: Final[dict[str, Kind[Any]]] = {
    kind.name: kind for kind in (VIRTUAL_MACHINE_MAC_ADDRESS, VIRTUAL_MACHINE_IP_ADDRESS, SECRET)
}


class RestoredDependencies:
    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster

    def missing(self, operation: VirtualMachineOperation, saved: Saved) -> Iterator[tuple[Kind[Any], dict[str, Any]]]:
        """What is to be created, as it is to be."""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        for kind, raw in _wanted(saved):
            if facts.get(kind, raw["metadata"]["name"]) is None:
                yield kind, restored_object(raw, uid=operation.metadata.uid)

    async def create_missing(self, operation: VirtualMachineOperation, saved: Saved) -> Progress | None:
        """None when nothing is missing. Raises ContentError where what is saved cannot have its name."""
        for kind, body in self.missing(operation, saved):
            try:
                await self._cluster.writes.create(kind, operation.metadata.namespace, body)
            except AlreadyExistsError:
                await self._refuse_unseen(kind, operation.metadata.namespace, body["metadata"]["name"])
                return AGAIN_SOON  # the cache will show whose it is, and no event of it wakes us
            return SETTLED
        return None

    async def _refuse_unseen(self, kind: Kind[Any], namespace: str, name: str) -> None:
        unseen = await unseen_secret(namespace, name, self._cluster.writes) if kind is SECRET else ""
        if unseen:
            raise ContentError(f"{unseen}; remove it if nobody needs it [{SECRET_CONTENT_DIFFERS.name}]")

    def refused_addresses(self, operation: VirtualMachineOperation, saved: Saved) -> str:
        """Why a new address object does not get its address; `""` while it may. The lease is what settles a race."""
        for kind, code in _ADDRESSES:
            for address in self._made(operation, kind, saved):
                told = condition(address.status.conditions, ConditionType.BOUND)
                if told is not None and told.status == "False" and address.status.phase not in _BOUND:
                    return f"{kind.name} {address.metadata.name} does not get its address: {told.message} [{code}]"
        return ""

    def unbound_addresses(self, operation: VirtualMachineOperation, saved: Saved) -> tuple[str, ...]:
        """Names of new address objects that wait for their address."""
        made = [each for kind, _ in _ADDRESSES for each in self._made(operation, kind, saved)]
        return tuple(each.metadata.name for each in made if each.status.phase not in _BOUND)

    def conversion(
        self, operation: VirtualMachineOperation, saved: Saved
    ) -> tuple[VirtualMachineIPAddress, dict[str, Any]] | None:
        """The address object that becomes static, and the patch: the page has a dynamic address converted."""
        if saved.address is None:
            return None
        name, value = saved.address["metadata"]["name"], saved.address["spec"].get("staticIP", "")
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        live: VirtualMachineIPAddress | None = facts.get(VIRTUAL_MACHINE_IP_ADDRESS, name)
        automatic = live is not None and live.spec.type == AddressType.AUTO
        if live is None or not becomes_static(automatic, live.status.address, value):
            return None
        return live, {"spec": {"type": str(AddressType.STATIC), "staticIP": value}}

    async def make_static(self, operation: VirtualMachineOperation, saved: Saved) -> Progress | None:
        """None when there is nothing to convert."""
        conversion = self.conversion(operation, saved)
        if conversion is None:
            return None
        address, patch = conversion
        await self._cluster.writes.patch(VIRTUAL_MACHINE_IP_ADDRESS, address, patch)
        return again_after(0)  # the machine's own, which carries no mark of ours to wake us

    async def remove_what_was_made(self, operation: VirtualMachineOperation) -> Progress | None:
        """On the way back: what was not there before goes again, but for a Secret that others have come to use.
        None when nothing else is left of it."""
        facts = Facts(self._cluster.source, operation.metadata.namespace)
        for each in operation.status.resources:
            kind = _KINDS.get(each.kind)
            live = facts.get(kind, each.name) if kind is not None else None
            if kind is None or live is None or not is_made_by(operation.metadata.uid, live):
                continue
            if kind is SECRET and others_use(each.name, facts, operation):
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
