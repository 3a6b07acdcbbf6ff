"""VirtualDisk, as far as snapshots read it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.quantity import QUANTITY_SCHEMA, QuantityText
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtualization import GROUP, VERSION


class Phase(StrEnum):
    PENDING = "Pending"
    PROVISIONING = "Provisioning"
    WAIT_FOR_USER_UPLOAD = "WaitForUserUpload"
    WAIT_FOR_FIRST_CONSUMER = "WaitForFirstConsumer"
    READY = "Ready"
    RESIZING = "Resizing"
    FAILED = "Failed"
    PVC_LOST = "PVCLost"
    EXPORTING = "Exporting"
    TERMINATING = "Terminating"
    MIGRATING = "Migrating"


class ConditionType(StrEnum):
    STORAGE_CLASS_READY = "StorageClassReady"
    DATASOURCE_READY = "DatasourceReady"
    READY = "Ready"
    RESIZING = "Resizing"
    SNAPSHOTTING = "Snapshotting"


class StorageClassReadyReason(StrEnum):
    STORAGE_CLASS_READY = "StorageClassReady"
    STORAGE_CLASS_NOT_READY = "StorageClassNotReady"


class DatasourceReadyReason(StrEnum):
    DATASOURCE_READY = "DatasourceReady"
    VIRTUAL_DISK_SNAPSHOT_NOT_READY = "VirtualDiskSnapshot"
    """The platform's spelling."""


class ReadyReason(StrEnum):
    READY = "Ready"
    PROVISIONING_NOT_STARTED = "ProvisioningNotStarted"
    PROVISIONING = "Provisioning"
    PROVISIONING_FAILED = "ProvisioningFailed"
    WAITING_FOR_FIRST_CONSUMER = "WaitingForFirstConsumer"
    PVC_LOST = "PVCLost"
    QUOTA_EXCEEDED = "QuotaExceeded"
    DATASOURCE_IS_NOT_READY = "DatasourceIsNotReady"
    DATASOURCE_IS_NOT_FOUND = "DatasourceIsNotFound"
    STORAGE_CLASS_IS_NOT_READY = "StorageClassIsNotReady"
    STORAGE_CLASS_PROVISIONER_MISMATCH = "StorageClassProvisionerMismatch"


class DataSourceType(StrEnum):
    HTTP = "HTTP"
    CONTAINER_IMAGE = "ContainerImage"
    OBJECT_REF = "ObjectRef"
    UPLOAD = "Upload"


class ObjectReferenceKind(StrEnum):
    CLUSTER_VIRTUAL_IMAGE = "ClusterVirtualImage"
    VIRTUAL_IMAGE = "VirtualImage"
    VIRTUAL_DISK_SNAPSHOT = "VirtualDiskSnapshot"


class DataSourceObjectReference(ApiStruct, frozen=True):
    kind: Annotated[str, Meta(extra_json_schema={"enum": [*ObjectReferenceKind]})]
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]


class DataSourceHTTP(ApiStruct, frozen=True):
    url: str = ""


class DataSourceContainerImage(ApiStruct, frozen=True):
    image: str = ""


class DataSource(ApiStruct, frozen=True):
    """As far as it says which data it is; how to get at it (certificates, credentials) may change."""

    type: Annotated[str, Meta(extra_json_schema={"enum": [*DataSourceType]})]
    object_ref: DataSourceObjectReference | None = None
    http: Annotated[DataSourceHTTP | None, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = None
    container_image: Annotated[DataSourceContainerImage | None, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = None


class DiskClaimSpec(ApiStruct, frozen=True):
    written_size: Annotated[str | int, Meta(extra_json_schema=QUANTITY_SCHEMA)] = field(name="size", default="")
    storage_class_name: str = ""

    @property
    def size(self) -> QuantityText:
        """As text also where its author wrote a bare number, which the API server stores as one."""
        return str(self.written_size)


class VirtualDiskSpec(ApiStruct, frozen=True):
    data_source: Annotated[DataSource | None, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = None
    persistent_volume_claim: DiskClaimSpec = DiskClaimSpec()


class DiskTarget(ApiStruct, frozen=True):
    persistent_volume_claim_name: str = ""


class DiskAttachment(ApiStruct, frozen=True):
    name: str
    mounted: bool = False


class VirtualDiskStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    conditions: tuple[Condition, ...] = ()
    target: DiskTarget = DiskTarget()
    storage_class_name: str = ""
    capacity: Annotated[QuantityText, Meta(extra_json_schema=QUANTITY_SCHEMA)] = ""
    source_uid: str = field(name="sourceUID", default="")
    progress: str = ""
    attached_to_virtual_machines: tuple[DiskAttachment, ...] = ()
    observed_generation: int = 0


class VirtualDisk(Object, frozen=True):
    spec: Annotated[VirtualDiskSpec, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = VirtualDiskSpec()
    status: Annotated[VirtualDiskStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = VirtualDiskStatus()


VIRTUAL_DISK: Final = Kind(
    GROUP,
    VERSION,
    "VirtualDisk",
    "virtualdisks",
    VirtualDisk,
    definition=Definition(
        description="A disk of virtual machines.",
        platform=True,
        short_names=("vd",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Capacity", ".status.capacity"),
            Column("VirtualMachine", ".status.attachedToVirtualMachines[?(@.mounted==true)].name"),
            Column("StorageClass", ".status.storageClassName", priority=1),
            Column("TargetPVC", ".status.target.persistentVolumeClaimName", priority=1),
            AGE,
        ),
    ),
)
