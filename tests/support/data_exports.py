"""The DataExport of the platform's storage module."""

from __future__ import annotations

from tests.support.manifests import Json, metadata
from webhook.api.virtual_disk import VIRTUAL_DISK


def data_export(name: str, *, disk: str) -> Json:
    target = {"group": VIRTUAL_DISK.group, "kind": VIRTUAL_DISK.name, "name": disk}
    return {"metadata": metadata(name), "spec": {"targetRef": target}}
