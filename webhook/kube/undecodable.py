"""Objects as they come from the API server: typed, or known to be there and no more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import msgspec

from webhook.api.decoding import UndecodableError, decode
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct

T = TypeVar("T", bound=Object)

Key = tuple[str, str]
"""Namespace (empty for cluster-scoped kinds) and name."""


@dataclass(frozen=True, slots=True)
class Undecodable:
    """An object that exists and does not have the shape its kind promises."""

    namespace: str
    name: str
    resource_version: str
    reason: str


class _Identity(ApiStruct, frozen=True):
    name: str
    resource_version: str
    namespace: str = ""


class _Identified(ApiStruct, frozen=True):
    metadata: _Identity


def read_object(
    kind: Kind[T], raw: msgspec.Raw, project: Callable[[T], T] | None = None
) -> tuple[Key, T | Undecodable]:
    """Raises UndecodableError when not even the metadata can be read, which an API server does not send.

    `project` leaves out what need not be kept.
    """
    # A copy, because a member that stays raw holds the whole buffer: a page of a list.
    text = bytes(raw)
    try:
        decoded = decode(kind, text)
    except UndecodableError as error:
        return _marker(text, str(error))
    return (decoded.metadata.namespace, decoded.metadata.name), project(decoded) if project else decoded


def resource_version_of(read: Object | Undecodable) -> str:
    return read.resource_version if isinstance(read, Undecodable) else read.metadata.resource_version


def _marker(text: bytes, reason: str) -> tuple[Key, Undecodable]:
    try:
        identity = msgspec.json.decode(text, type=_Identified).metadata
    except msgspec.DecodeError as error:
        raise UndecodableError(f"{reason}; {error}") from error
    marker = Undecodable(identity.namespace, identity.name, identity.resource_version, reason)
    return (identity.namespace, identity.name), marker
