"""The values in the Secret of a machine snapshot, without what nobody reads."""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Mapping
from typing import Final, TypeVar

import msgspec

from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.secret import SavedSecret
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.content.machine import ADDRESS_KEY, ATTACHMENTS_KEY, MAC_ADDRESSES_KEY, MACHINE_KEY, PROVISIONING_KEY
from webhook.facts.projection import machine_to_keep, without_last_applied

T = TypeVar("T", bound=Object)

UNREADABLE_MARK: Final = "!"
"""Begins what stands for a value that cannot be read; the reason follows, to be read after its key: `!is truncated`.

It is no letter of base64, and the API server takes nothing else: no value on the wire begins with it.
"""

DIGEST_MARK: Final = "sha256:"
"""Begins what stands for a value of the saved provisioning Secret. The colon is no letter of base64 either."""


class _UnreadableError(Exception):
    """What is wrong with a value, to be read after its key."""


def reduced(data: Mapping[str, str]) -> dict[str, str]:
    """By key, base64 of the same JSON with what our structs describe: no inline userData, no byte of a Secret."""
    return {key: _reduced(data[key], reduce) for key, reduce in _REDUCERS.items() if not _is_null(data.get(key))}


def digests_of(data: Mapping[str, str]) -> dict[str, str]:
    """`sha256:<hex>` by key, of values in base64; what is a digest stays as it is."""
    return {key: value if value.startswith(DIGEST_MARK) else _digest(value) for key, value in data.items()}


def bytes_of(value: str) -> bytes:
    """A value as it was before base64; as it stands where it is none, which only a file can hold."""
    try:
        return base64.b64decode(value, validate=True)
    except ValueError:
        return value.encode()


def _digest(value: str) -> str:
    return f"{DIGEST_MARK}{hashlib.sha256(bytes_of(value)).hexdigest()}"


def _is_null(value: str | None) -> bool:
    """Go writes an absent list as null."""
    return value is None or json_in(bytes_of(value)).strip() == b"null"


def _reduced(value: str, reduce: Callable[[bytes], bytes]) -> str:
    try:
        return base64.b64encode(reduce(_well_formed(json_in(bytes_of(value))))).decode()
    except _UnreadableError as error:
        return f"{UNREADABLE_MARK}{error}"


def json_in(value: bytes) -> bytes:
    """Older values hold base64 of the JSON: platform, restorer/secret_restorer.go. It never begins with a brace."""
    try:
        return base64.b64decode(value, validate=True) if value.strip() != b"null" else value
    except binascii.Error:
        return value


def _well_formed(text: bytes) -> bytes:
    if not text.strip():
        raise _UnreadableError("is empty")
    try:
        text.decode()  # the decoder skips members it does not know without a look at their bytes
        msgspec.json.decode(text, type=msgspec.Raw)
    except msgspec.DecodeError as error:
        truncated = "truncated" in str(error)
        raise _UnreadableError("is truncated" if truncated else "is not JSON") from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise _UnreadableError("is not JSON") from error
    return text


def _object(kind: Kind[T], keep: Callable[[T], T]) -> Callable[[bytes], bytes]:
    return lambda text: msgspec.json.encode(keep(_decoded(kind, text)))


def _named_object(kind: Kind[T], keep: Callable[[T], T]) -> Callable[[bytes], bytes]:
    return lambda text: msgspec.json.encode(keep(_named(kind, text)))


def _objects(kind: Kind[T], keep: Callable[[T], T]) -> Callable[[bytes], bytes]:
    return lambda text: msgspec.json.encode([keep(_named(kind, each)) for each in _items(kind, text)])


def _provisioning(text: bytes) -> bytes:
    try:
        saved = msgspec.json.decode(text, type=SavedSecret)
    except msgspec.ValidationError as error:
        raise _UnreadableError(f"holds no Secret: {error}") from error
    if not saved.metadata.name:
        raise _UnreadableError("holds a Secret without a name")
    return msgspec.json.encode(msgspec.structs.replace(saved, data=digests_of(saved.data)))


def _items(kind: Kind[T], text: bytes) -> list[msgspec.Raw]:
    try:
        return msgspec.json.decode(text, type=list[msgspec.Raw])
    except msgspec.ValidationError as error:
        raise _UnreadableError(f"holds no list of {kind.name}") from error


def _decoded(kind: Kind[T], text: bytes | msgspec.Raw) -> T:
    try:
        return decode(kind, text)
    except UndecodableError as error:
        raise _UnreadableError(f"holds no {kind.name}: {error}") from error


def _named(kind: Kind[T], text: bytes | msgspec.Raw) -> T:
    """Nothing can be made again without a name. That of the machine is held against the snapshot's."""
    decoded = _decoded(kind, text)
    if not decoded.metadata.name:
        raise _UnreadableError(f"holds a {kind.name} without a name")
    return decoded


_REDUCERS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    MACHINE_KEY: _object(VIRTUAL_MACHINE, machine_to_keep),
    ADDRESS_KEY: _named_object(VIRTUAL_MACHINE_IP_ADDRESS, without_last_applied),
    MAC_ADDRESSES_KEY: _objects(VIRTUAL_MACHINE_MAC_ADDRESS, without_last_applied),
    PROVISIONING_KEY: _provisioning,
    ATTACHMENTS_KEY: _objects(VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT, without_last_applied),
}
