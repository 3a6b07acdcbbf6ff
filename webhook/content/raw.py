"""Saved objects as they were saved, for whoever writes them again: null alone is taken for absent, as everywhere."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from webhook.api.decoding import without_nulls
from webhook.content.machine import (
    ADDRESS_KEY,
    ATTACHMENTS_KEY,
    MAC_ADDRESSES_KEY,
    MACHINE_KEY,
    PROVISIONING_KEY,
    Raw,
    Saved,
)
from webhook.content.saved import ContentError
from webhook.content.saved_values import bytes_of, json_in
from webhook.content.secret import content_digest


def raw_saved(secret: Mapping[str, Any], *, digest: str) -> Saved:
    """From the Secret as the API server has it, with all its bytes.

    Raises ContentError when it cannot be read, or is not what had this digest (`""`: none was recorded).
    """
    name = secret["metadata"]["name"]
    data = {key: bytes_of(value) for key, value in (secret.get("data") or {}).items()}
    if digest and content_digest(data) != digest:
        raise ContentError(f"Secret {name} was changed since the snapshot")
    values = {key: _decoded(name, key, value) for key, value in data.items()}
    if not isinstance(values.get(MACHINE_KEY), dict):
        raise ContentError(f"Secret {name} holds no machine")
    return Saved(
        machine=values[MACHINE_KEY],
        address=values.get(ADDRESS_KEY),
        mac_addresses=_all(values.get(MAC_ADDRESSES_KEY)),
        provisioning_secret=values.get(PROVISIONING_KEY),
        attachments=_all(values.get(ATTACHMENTS_KEY)),
    )


def _decoded(name: str, key: str, value: bytes) -> Any:
    try:
        return without_nulls(msgspec.json.decode(json_in(value)))
    except (msgspec.DecodeError, RecursionError) as error:
        raise ContentError(f"{key} in Secret {name} is not JSON") from error


def _all(values: Any) -> tuple[Raw, ...]:
    return tuple(values or ())
