"""The Secret that holds the settings of a machine as they were."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

from webhook.api.reference import owner_reference_to
from webhook.api.secret import SNAPSHOT_SECRET_TYPE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.content.names import snapshot_secret_name


def snapshot_secret(snapshot: VirtualMachineSnapshot, content: Mapping[str, bytes]) -> dict[str, Any]:
    """The body of the Secret. It goes when the snapshot goes."""
    return {
        "metadata": {
            "name": snapshot_secret_name(snapshot.metadata.name, snapshot.metadata.uid),
            "namespace": snapshot.metadata.namespace,
            "ownerReferences": [owner_reference_to(VIRTUAL_MACHINE_SNAPSHOT, snapshot)],
        },
        "type": SNAPSHOT_SECRET_TYPE,
        "data": {key: base64.b64encode(value).decode() for key, value in sorted(content.items())},
    }


def content_digest(content: Mapping[str, bytes]) -> str:
    """`sha256:<hex>` over all keys and values, each preceded by its length so that no two contents read the same."""
    digest = hashlib.sha256()
    for key, value in sorted(content.items()):
        for part in (key.encode(), value):
            digest.update(len(part).to_bytes(8, "big"))
            digest.update(part)
    return f"sha256:{digest.hexdigest()}"
