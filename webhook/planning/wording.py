"""Steps as people read them, to follow "would"."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.planning.plan import Step, StepKind


def step_text(step: Step) -> str:
    """`replace VirtualDisk root with the data of 2026-01-02 03:04 UTC`."""
    word = _OF_KIND.get((step.kind, step.object.kind))
    return word(step) if word is not None else f"{shortest_step_text(step)}{_origin(step)}"


def shortest_step_text(step: Step) -> str:
    """Without where things come from, whose names are often made of uids and longer than a line."""
    return f"{step.kind} {step.object}"


def _origin(step: Step) -> str:
    source = f" from {step.source}" if step.source is not None else ""
    return f"{source}, {step.detail}" if step.detail else source


def _with_data(step: Step) -> str:
    """How old it is matters, and not the name of the snapshot that it is in."""
    return f"{shortest_step_text(step)} with {f'the {step.detail}' if step.detail else f'the data of {step.source}'}"


def _with_settings(step: Step) -> str:
    return f"set {step.object} back to the settings in {step.source}"


def _plugging_in(step: Step) -> str:
    verb = "create" if step.kind is StepKind.ATTACH else step.kind
    return f"{verb} {step.object} to plug in {step.source}"


def _made_static(step: Step) -> str:
    return f"make {step.object} Static, with {step.detail}"


def _with_address(step: Step) -> str:
    return f"{shortest_step_text(step)} with {step.detail or 'any address'}"


def _temporary_snapshot(step: Step) -> str:
    return f"take a temporary snapshot of {step.source}"


def _end_of_snapshot(_: Step) -> str:
    return "delete the temporary snapshot"


_OF_KIND: Final[Mapping[tuple[StepKind, str], Callable[[Step], str]]] = {
    (StepKind.CREATE, VIRTUAL_DISK.name): _with_data,
    (StepKind.REPLACE, VIRTUAL_DISK.name): _with_data,
    (StepKind.REPLACE, VIRTUAL_MACHINE.name): _with_settings,
    (StepKind.ATTACH, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name): _plugging_in,
    (StepKind.REPLACE, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT.name): _plugging_in,
    (StepKind.REPLACE, VIRTUAL_MACHINE_IP_ADDRESS.name): _made_static,
    (StepKind.CREATE, VIRTUAL_MACHINE_IP_ADDRESS.name): _with_address,
    (StepKind.CREATE, VIRTUAL_MACHINE_MAC_ADDRESS.name): _with_address,
    (StepKind.CREATE, VIRTUAL_MACHINE_SNAPSHOT.name): _temporary_snapshot,
    (StepKind.DELETE, VIRTUAL_MACHINE_SNAPSHOT.name): _end_of_snapshot,
}
