"""What someone would have to be allowed to do by hand, to do what a plan does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from webhook.api.kind import Kind
from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.facts.user import Access
from webhook.planning.plan import Plan, Step, StepKind

_KINDS: Final[Mapping[str, Kind[Any]]] = {
    kind.name: kind
    for kind in (
        VIRTUAL_MACHINE,
        VIRTUAL_DISK,
        VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
        VIRTUAL_MACHINE_IP_ADDRESS,
        VIRTUAL_MACHINE_MAC_ADDRESS,
        SECRET,
    )
}
"""Of a clone's temporary snapshot nothing is left, and nobody needs a right to it."""

_MADE_ANEW: Final = frozenset({VIRTUAL_DISK.name, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name})
_BY_HAND: Final[Mapping[StepKind, tuple[str, ...]]] = {
    StepKind.CREATE: ("create",),
    StepKind.ATTACH: ("create",),
    StepKind.DELETE: ("delete",),
    StepKind.REPLACE: ("update",),
}


def accesses_of(plan: Plan, namespace: str) -> tuple[Access, ...]:
    """Each once, in a stable order. All objects of a plan are in the operation's namespace."""
    return tuple(sorted({access for step in plan.steps for access in _accesses(step, namespace)}))


def _accesses(step: Step, namespace: str) -> Iterator[Access]:
    kind = _KINDS.get(step.object.kind)
    if kind is None:
        return
    for verb in _verbs(step):
        name = "" if verb == "create" else step.object.name
        yield Access(verb, kind.group, kind.plural, namespace=namespace, name=name)


def _verbs(step: Step) -> tuple[str, ...]:
    """The data of a disk changes only with the disk, and an attachment is made anew too."""
    if step.kind is StepKind.REPLACE and step.object.kind in _MADE_ANEW:
        return ("create", "delete")
    return _BY_HAND.get(step.kind, ())
