"""A machine with everything a machine can have, its snapshot, and operations that nothing stands in the way of."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from tests.support import copies, dependency_manifests
from tests.support.cases import DATA, MACHINE, ROOT
from tests.support.manifests import Json, device, metadata
from tests.support.requests import create
from tests.support.saved_manifests import secret_name
from tests.support.world import World
from webhook.api.network import NETWORK
from webhook.api.secret import SECRET as SECRET_KIND
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.content.saved_values import bytes_of
from webhook.content.secret import content_digest
from webhook.facts.request import Request

SNAPSHOT: Final = "before-upgrade"
EXTRA: Final = "linux-vm-extra"
"""A disk that is plugged in."""
ATTACHMENT: Final = "linux-vm-plug"
IMAGE: Final = "ubuntu-iso"
CLASS: Final = "generic"
NETWORK_NAME: Final = "storage"
USER_DATA: Final = "cloud-init"
ADDRESS: Final = "linux-vm-ip"
MAC: Final = "linux-vm-mac"
IP_VALUE: Final = "10.66.10.14"
MAC_VALUE: Final = "02:00:5e:10:00:01"
OPERATION: Final = "operation"
SUFFIX: Final[Json] = {"customization": {"nameSuffix": "-copy"}}


def healthy(world: World, *, phase: str = "Stopped", images: tuple[str, ...] = (IMAGE,)) -> World:
    """The machine is off and stays off when it is copied; all it needs is there, and it was captured an hour ago."""
    for disk in (ROOT, DATA, EXTRA):
        world.disk(disk)
    world.attachment(ATTACHMENT, of=MACHINE, disk=EXTRA, phase="Attached" if phase == "Running" else "Pending")
    world.ip_address(ADDRESS, of=MACHINE, address=IP_VALUE).mac_address(MAC, of=MACHINE, address=MAC_VALUE)
    world.machine_class(CLASS).secret(USER_DATA).put(NETWORK, {"metadata": metadata(NETWORK_NAME)})
    world.machine(
        MACHINE,
        disks=[ROOT, DATA],
        plugged_in={ATTACHMENT: EXTRA},
        images=images,
        phase=phase,
        address=ADDRESS,
        mac_addresses=[MAC],
        class_name=CLASS,
        provisioning_secret=USER_DATA,
    )
    networks = [{"type": "Main"}, {"type": "Network", "name": NETWORK_NAME}]
    world.change(VIRTUAL_MACHINE, MACHINE, spec={"runPolicy": "AlwaysOff", "networks": networks})
    return captured(world)


def captured(world: World) -> World:
    """Again, as the machine now is."""
    attachments = [ATTACHMENT] if EXTRA in str(world.manifest(VIRTUAL_MACHINE, MACHINE)["status"]) else []
    return world.saved(
        SNAPSHOT, of=MACHINE, address=ADDRESS, mac_addresses=[MAC], secret=USER_DATA, attachments=attachments
    )


def changed_before(world: World, **members: Any) -> World:
    """The machine, and so what its snapshot saved."""
    return captured(world.change(VIRTUAL_MACHINE, MACHINE, **members))


def with_content(world: World, content: dict[str, str | None], *, recorded: bool = True) -> World:
    """Values of the snapshot's Secret, base64; None takes the key away. `recorded`: whether it had them when taken."""
    secret = world.manifest(SECRET_KIND, secret_name(SNAPSHOT))
    data = {key: value for key, value in (secret["data"] | content).items() if value is not None}
    world.put(SECRET_KIND, secret | {"data": data})
    if not recorded:
        return world
    digest = content_digest({key: bytes_of(value) for key, value in data.items()})
    return world.change(VIRTUAL_MACHINE_SNAPSHOT, SNAPSHOT, status={"contentDigest": digest})


def saved_json(world: World, key: str) -> Any:
    return msgspec.json.decode(bytes_of(world.manifest(SECRET_KIND, secret_name(SNAPSHOT))["data"][key]))


def other_machine(world: World, *, disks: tuple[str, ...] = (), phase: str = "Running", **described: Any) -> World:
    return world.machine("billing", disks=disks, phase=phase, **described)


def only_images(world: World, *images: str) -> World:
    """A machine that has no disk."""
    world.remove(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, ATTACHMENT)
    for image in images:
        world.image(image)
    devices = [device("VirtualImage", each) for each in images]
    world.change(
        VIRTUAL_MACHINE,
        MACHINE,
        spec={"blockDeviceRefs": [{"kind": "VirtualImage", "name": each} for each in images]},
        status={"blockDeviceRefs": devices},
    )
    return captured(world)


def restore(mode: str, **members: Any) -> Request:
    described = {"of": MACHINE, "snapshot": SNAPSHOT, "mode": mode} | members
    return create(VIRTUAL_MACHINE_OPERATION, dependency_manifests.restore(OPERATION, **described))


def clone(mode: str, **members: Any) -> Request:
    return create(VIRTUAL_MACHINE_OPERATION, copies.clone(OPERATION, mode=mode, **(SUFFIX | members)))


def copy_of_snapshot(mode: str, **members: Any) -> Request:
    described = {"snapshot": SNAPSHOT} | SUFFIX | members
    return create(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, copies.created_from_snapshot(OPERATION, mode=mode, **described))
