"""Saving the settings of a machine."""

from __future__ import annotations

from webhook.api.secret import SECRET
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import SavedResource, VirtualMachineSnapshot
from webhook.content.names import disk_of_child, snapshot_secret_name
from webhook.content.secret import MACHINE_KEY, content_digest, saved_machine, snapshot_secret
from webhook.facts.source import Source
from webhook.kube.errors import AlreadyExistsError
from webhook.reconciler.writes import Writes


async def save_content(snapshot: VirtualMachineSnapshot, source: Source, writes: Writes) -> str | None:
    """Write the Secret and give its digest; None when the name is taken by one that the cache does not show.

    A Secret of that name whose digest is not on record is not trusted: it is from before a crash, or someone made it
    who could guess the name. It is written anew.
    """
    namespace = snapshot.metadata.namespace
    name = snapshot_secret_name(snapshot.metadata.name, snapshot.metadata.uid)
    stale = source.get(SECRET, namespace, name)
    if stale is not None:
        await writes.delete(SECRET, stale)
    machine = await writes.read_raw(VIRTUAL_MACHINE, namespace, snapshot.spec.virtual_machine_name)
    content = {MACHINE_KEY: saved_machine(machine)}
    try:
        await writes.create(SECRET, namespace, snapshot_secret(snapshot, content))
    except AlreadyExistsError:  # from before a crash, and the cache will show it; or of another type, and it never will
        return None
    return content_digest(content)


def saved_resources(snapshot: VirtualMachineSnapshot) -> tuple[SavedResource, ...]:
    """What the snapshot holds, in the platform's order: the machine first, then its disks."""
    disks = (disk_of_child(name, snapshot.metadata.uid) for name in snapshot.status.virtual_disk_snapshot_names)
    return (
        SavedResource(VIRTUAL_MACHINE.api_version, VIRTUAL_MACHINE.name, snapshot.spec.virtual_machine_name),
        *(SavedResource(VIRTUAL_DISK.api_version, VIRTUAL_DISK.name, name) for name in disks),
    )
