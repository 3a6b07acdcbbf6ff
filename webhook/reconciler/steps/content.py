"""Saving the settings of a machine."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from webhook.api.decoding import decode
from webhook.api.kind import Kind
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_snapshot import SavedResource, VirtualMachineSnapshot
from webhook.content.machine import Dependencies, Raw, Saved, content_of, dependencies_of, resources_of
from webhook.content.names import disk_of_child, snapshot_secret_name
from webhook.content.secret import content_digest, snapshot_secret
from webhook.facts.source import Source
from webhook.kube.errors import AlreadyExistsError, NotFoundError
from webhook.reconciler.writes import Writes


class MissingError(Exception):
    """Something that the machine refers to is not there. The message names it."""


@dataclass(frozen=True, slots=True)
class SavedContent:
    digest: str
    resources: tuple[SavedResource, ...]


async def save_content(snapshot: VirtualMachineSnapshot, source: Source, writes: Writes) -> SavedContent | None:
    """Write the Secret. None when the name is taken by a Secret of another type. Raises MissingError.

    One of that name and type whose digest is not on record is not trusted: it is from before a crash, or someone made
    it who could guess the name. It is written anew.
    """
    namespace = snapshot.metadata.namespace
    name = snapshot_secret_name(snapshot.metadata.name, snapshot.metadata.uid)
    stale = source.get(SECRET, namespace, name)
    if stale is not None and stale.type != SNAPSHOT_SECRET_TYPE:
        return None
    if stale is not None:
        await writes.delete(SECRET, stale)
    raw = await _read(writes, VIRTUAL_MACHINE, namespace, snapshot.spec.virtual_machine_name)
    machine = decode(VIRTUAL_MACHINE, msgspec.json.encode(raw))
    saved = await _with_dependencies(raw, dependencies_of(machine), namespace, writes)
    keep = snapshot.spec.keep_ip_address
    content = content_of(saved, keep_address=keep, named_in_spec=bool(machine.spec.ip_address_name))
    try:
        await writes.create(SECRET, namespace, snapshot_secret(snapshot, content))
    except AlreadyExistsError:  # from before a crash, and the cache will show it; or of a type that is not watched
        return None
    disks = [disk_of_child(child, snapshot.metadata.uid) for child in snapshot.status.virtual_disk_snapshot_names]
    return SavedContent(content_digest(content), resources_of(machine, saved, disks, keep_address=keep))


async def _with_dependencies(machine: Raw, needed: Dependencies, namespace: str, writes: Writes) -> Saved:
    """Read live and once: what is saved must be what there was at that moment, not what a watch last told."""

    async def one(kind: Kind[Any], name: str) -> Raw | None:
        return await _read(writes, kind, namespace, name) if name else None

    async def all_of(kind: Kind[Any], names: Iterable[str]) -> tuple[Raw, ...]:
        return tuple(await asyncio.gather(*(_read(writes, kind, namespace, name) for name in names)))

    return Saved(
        machine,
        address=await one(VIRTUAL_MACHINE_IP_ADDRESS, needed.address),
        mac_addresses=await all_of(VIRTUAL_MACHINE_MAC_ADDRESS, needed.mac_addresses),
        provisioning_secret=await one(SECRET, needed.provisioning_secret),
        attachments=await all_of(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, needed.attachments),
    )


async def _read(writes: Writes, kind: Kind[Any], namespace: str, name: str) -> Raw:
    try:
        return await writes.read_raw(kind, namespace, name)
    except NotFoundError as error:
        raise MissingError(f"{kind.name} {name} of the machine does not exist") from error
