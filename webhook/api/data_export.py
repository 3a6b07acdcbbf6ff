"""DataExport: the bytes of a volume, served for download. Of another module of the platform, which may come later."""

from __future__ import annotations

from typing import Final

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct


class ExportTarget(ApiStruct, frozen=True):
    """What is exported, in the same namespace."""

    group: str = ""
    kind: str = ""
    name: str = ""


class DataExportSpec(ApiStruct, frozen=True):
    target_ref: ExportTarget = ExportTarget()


class DataExport(Object, frozen=True):
    spec: DataExportSpec = DataExportSpec()


class FormerDataExport(DataExport, frozen=True):
    """A type of its own, by which caches and look-ups tell the kinds apart."""


DATA_EXPORT: Final = Kind("storage-foundation.deckhouse.io", "v1alpha1", "DataExport", "dataexports", DataExport)
FORMER_DATA_EXPORT: Final = Kind("storage.deckhouse.io", "v1alpha1", "DataExport", "dataexports", FormerDataExport)
"""The same in the group of the module before this one."""
