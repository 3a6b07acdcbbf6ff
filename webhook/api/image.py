"""What VirtualImage and ClusterVirtualImage have in common."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from webhook.api.meta import Condition
from webhook.api.struct import ApiStruct
from webhook.api.virtual_disk import DataSourceType


class Phase(StrEnum):
    PENDING = "Pending"
    PROVISIONING = "Provisioning"
    WAIT_FOR_USER_UPLOAD = "WaitForUserUpload"
    READY = "Ready"
    FAILED = "Failed"
    TERMINATING = "Terminating"
    IMAGE_LOST = "ImageLost"
    PVC_LOST = "PVCLost"


class ConditionType(StrEnum):
    READY = "Ready"


class ImageSourceKind(StrEnum):
    CLUSTER_VIRTUAL_IMAGE = "ClusterVirtualImage"
    VIRTUAL_IMAGE = "VirtualImage"
    VIRTUAL_DISK = "VirtualDisk"
    VIRTUAL_DISK_SNAPSHOT = "VirtualDiskSnapshot"


class ImageObjectReference(ApiStruct, frozen=True):
    kind: Annotated[str, Meta(extra_json_schema={"enum": [*ImageSourceKind]})]
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]
    namespace: Annotated[str, Meta(description="Only of a ClusterVirtualImage, whose sources have one.")] = ""


class ImageSource(ApiStruct, frozen=True):
    type: Annotated[str, Meta(extra_json_schema={"enum": [*DataSourceType]})]
    object_ref: ImageObjectReference | None = None


class ImageStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    cdrom: bool = False
    progress: str = ""
    conditions: tuple[Condition, ...] = ()
    observed_generation: int = 0
