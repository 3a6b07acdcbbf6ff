"""VirtualImage: an image of one namespace."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta

from webhook.api.image import ImageSource, ImageStatus
from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtualization import GROUP, VERSION


class ImageStorage(StrEnum):
    CONTAINER_REGISTRY = "ContainerRegistry"
    KUBERNETES = "Kubernetes"
    PERSISTENT_VOLUME_CLAIM = "PersistentVolumeClaim"


class VirtualImageSpec(ApiStruct, frozen=True):
    data_source: Annotated[ImageSource, Meta(extra_json_schema=PRESERVE_UNKNOWN)]
    storage: Annotated[str, Meta(extra_json_schema={"enum": [*ImageStorage], "default": "ContainerRegistry"})] = (
        ImageStorage.CONTAINER_REGISTRY
    )


class VirtualImage(Object, frozen=True, kw_only=True):
    spec: Annotated[VirtualImageSpec, Meta(extra_json_schema=PRESERVE_UNKNOWN)]
    status: Annotated[ImageStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = ImageStatus()


VIRTUAL_IMAGE: Final = Kind(
    GROUP,
    VERSION,
    "VirtualImage",
    "virtualimages",
    VirtualImage,
    definition=Definition(
        description="An image of a disk or an installation medium, for one namespace.",
        platform=True,
        short_names=("vi",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("CDROM", ".status.cdrom", "boolean"),
            Column("Progress", ".status.progress", priority=1),
            AGE,
        ),
    ),
)
