"""JSON to typed objects."""

from __future__ import annotations

from functools import cache
from typing import Any, Final, TypeVar

import msgspec

from webhook.api.kind import Kind
from webhook.api.meta import Object

T = TypeVar("T", bound=Object)

_UNREADABLE: Final = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
"""Members that a kind preserves unknown may hold any depth and any bytes; one such object must not end a watch."""


class UndecodableError(Exception):
    """The object is there but does not have the shape its kind promises. The message says where."""


def decode(kind: Kind[T], raw: bytes | msgspec.Raw) -> T:
    """Read an object, ignoring what its struct does not describe.

    A null counts as an absent member, as the API server treats it (structural schema, "nullable"). Objects that other
    controllers wrote may carry them, so a first failure is tried again without; only the second one is final.

    Raises UndecodableError.
    """
    decoder = _decoder(kind.type)
    try:
        try:
            decoded: T = decoder.decode(raw)
        except msgspec.ValidationError:
            decoded = decoder.decode(msgspec.json.encode(without_nulls(msgspec.json.decode(raw))))
    except _UNREADABLE as error:
        raise UndecodableError(str(error)) from error
    return decoded


@cache
def _decoder(struct: type[T]) -> msgspec.json.Decoder[T]:
    return msgspec.json.Decoder(struct)


def without_nulls(value: Any) -> Any:
    """As the API server prunes what is not nullable, of an object as it was written."""
    if isinstance(value, dict):
        return {key: without_nulls(member) for key, member in value.items() if member is not None}
    if isinstance(value, list):
        return [without_nulls(member) for member in value if member is not None]
    return value
