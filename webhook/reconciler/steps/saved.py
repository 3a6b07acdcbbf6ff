"""The snapshot that an operation works from, with the settings that it saved."""

from __future__ import annotations

from dataclasses import dataclass

from webhook.api.secret import SECRET
from webhook.content.machine import Saved
from webhook.content.raw import raw_saved
from webhook.content.saved import ContentError
from webhook.facts.facts import Facts
from webhook.facts.machine_snapshot import MachineSnapshot
from webhook.kube.errors import NotFoundError
from webhook.planning.blueprint import Blueprint, blueprint_of_snapshot
from webhook.planning.situation import Source
from webhook.reconciler.writes import Writes


@dataclass(frozen=True, slots=True)
class SavedMachine:
    snapshot: MachineSnapshot
    blueprint: Blueprint
    raw: Saved
    """As it was saved. It holds secrets: never kept beyond a pass, never logged."""


async def read_saved_machine(name: str, facts: Facts, writes: Writes) -> SavedMachine:
    """Read the Secret live: the cache has no bytes of it. Raises ContentError when a part of the snapshot is lost."""
    source = Source(name, facts)
    snapshot, content = source.snapshot, source.content
    if snapshot is None or not snapshot.secret_name:
        raise ContentError(f"VirtualMachineSnapshot {name} is gone")
    lost = [disk.lost for disk in snapshot.disks if disk.lost]
    if content is None or lost:
        raise ContentError(source.unusable or "; ".join(lost))
    blueprint = blueprint_of_snapshot(snapshot, content)
    return SavedMachine(snapshot, blueprint, await _raw(snapshot, facts, writes))


async def _raw(snapshot: MachineSnapshot, facts: Facts, writes: Writes) -> Saved:
    try:
        secret = await writes.read_raw(SECRET, facts.namespace, snapshot.secret_name)
    except NotFoundError as error:
        raise ContentError(f"Secret {snapshot.secret_name} is gone") from error
    return raw_saved(secret, digest=snapshot.digest)
