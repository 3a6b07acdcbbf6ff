"""ClusterVirtualImage: an image for all namespaces."""

from __future__ import annotations

from typing import Annotated, Final

from msgspec import Meta

from webhook.api.image import ImageSource, ImageStatus
from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtualization import GROUP, VERSION


class ClusterVirtualImageSpec(ApiStruct, frozen=True):
    data_source: Annotated[ImageSource, Meta(extra_json_schema=PRESERVE_UNKNOWN)]


class ClusterVirtualImage(Object, frozen=True, kw_only=True):
    spec: Annotated[ClusterVirtualImageSpec, Meta(extra_json_schema=PRESERVE_UNKNOWN)]
    status: Annotated[ImageStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = ImageStatus()


CLUSTER_VIRTUAL_IMAGE: Final = Kind(
    GROUP,
    VERSION,
    "ClusterVirtualImage",
    "clustervirtualimages",
    ClusterVirtualImage,
    namespaced=False,
    definition=Definition(
        description="An image of a disk or an installation medium, for all namespaces.",
        platform=True,
        short_names=("cvi",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("CDROM", ".status.cdrom", "boolean"),
            Column("Progress", ".status.progress", priority=1),
            AGE,
        ),
    ),
)
