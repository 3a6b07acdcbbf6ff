"""Reading what a machine's snapshot saved."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import TypeVar

import msgspec
from msgspec import Struct

from webhook.api.decoding import decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.secret import SavedSecret as SavedSecretObject
from webhook.api.secret import Secret
from webhook.api.virtual_machine import VIRTUAL_MACHINE, VirtualMachine
from webhook.api.virtual_machine_block_device_attachment import (
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VirtualMachineBlockDeviceAttachment,
)
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS, VirtualMachineIPAddress
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS, VirtualMachineMACAddress
from webhook.content.machine import ADDRESS_KEY, ATTACHMENTS_KEY, MAC_ADDRESSES_KEY, MACHINE_KEY, PROVISIONING_KEY
from webhook.content.saved_values import UNREADABLE_MARK
from webhook.content.secret_projection import secret_to_keep

T = TypeVar("T", bound=Object)


class ContentError(Exception):
    """The saved settings cannot be used. The message says why, and is for the user: `key vm is truncated`."""


class SavedSecret(Struct, frozen=True, gc=False):
    """The provisioning Secret of the saved machine, without its bytes."""

    name: str
    type: str
    digests: Mapping[str, str]
    """`sha256:<hex>` of each decoded value, as in `Secret.digests` of the live one."""


class SavedContent(Struct, frozen=True):
    """Everything is in the namespace of the Secret, whatever namespace it was saved with."""

    machine: VirtualMachine
    """With the uid and the status it had, and without what no struct describes."""
    digest: str
    """Of the whole content as it is now, to compare with status.contentDigest."""
    address: VirtualMachineIPAddress | None = None
    mac_addresses: tuple[VirtualMachineMACAddress, ...] = ()
    provisioning: SavedSecret | None = None
    attachments: tuple[VirtualMachineBlockDeviceAttachment, ...] = ()


def read_saved(secret: Secret) -> SavedContent:
    """What the Secret of a machine snapshot holds, projected or not. Keys other than `vm` may be absent.

    Raises ContentError.
    """
    kept = secret_to_keep(secret)
    texts = {key: _text(key, value) for key, value in kept.data.items()}
    if MACHINE_KEY not in texts:
        raise ContentError(f"key {MACHINE_KEY} is missing")
    namespace = kept.metadata.namespace
    address = texts.get(ADDRESS_KEY)
    return SavedContent(
        machine=_in(namespace, decode(VIRTUAL_MACHINE, texts[MACHINE_KEY])),
        digest=kept.digest,
        address=_in(namespace, decode(VIRTUAL_MACHINE_IP_ADDRESS, address)) if address else None,
        mac_addresses=_all_in(namespace, VIRTUAL_MACHINE_MAC_ADDRESS, texts.get(MAC_ADDRESSES_KEY)),
        provisioning=_provisioning(texts.get(PROVISIONING_KEY)),
        attachments=_all_in(namespace, VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, texts.get(ATTACHMENTS_KEY)),
    )


def _text(key: str, value: str) -> bytes:
    if value.startswith(UNREADABLE_MARK):
        raise ContentError(f"key {key} {value.removeprefix(UNREADABLE_MARK)}")
    return base64.b64decode(value)


def _in(namespace: str, saved: T) -> T:
    return msgspec.structs.replace(saved, metadata=msgspec.structs.replace(saved.metadata, namespace=namespace))


def _all_in(namespace: str, kind: Kind[T], text: bytes | None) -> tuple[T, ...]:
    raws = msgspec.json.decode(text, type=tuple[msgspec.Raw, ...]) if text else ()
    return tuple(_in(namespace, decode(kind, raw)) for raw in raws)


def _provisioning(text: bytes | None) -> SavedSecret | None:
    if text is None:
        return None
    saved = msgspec.json.decode(text, type=SavedSecretObject)
    return SavedSecret(saved.metadata.name, saved.type, saved.data)
