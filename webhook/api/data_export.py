"""DataExport: data of a disk that leaves the cluster. The kind is not ours, and its CRD may be missing."""

from __future__ import annotations

from typing import Final

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct


class DataExportTarget(ApiStruct, frozen=True):
    kind: str = ""
    name: str = ""
    group: str = ""


class DataExportSpec(ApiStruct, frozen=True):
    target_ref: DataExportTarget = DataExportTarget()


class DataExport(Object, frozen=True):
    spec: DataExportSpec = DataExportSpec()


DATA_EXPORT: Final = Kind("storage-foundation.deckhouse.io", "v1alpha1", "DataExport", "dataexports", DataExport)
LEGACY_DATA_EXPORT: Final = Kind("storage.deckhouse.io", "v1alpha1", "DataExport", "dataexports", DataExport)
"""The same kind under the group that the module had before."""
