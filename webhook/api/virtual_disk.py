"""VirtualDisk, as far as snapshots read it."""

from __future__ import annotations

import hashlib
import string
from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, field

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.quantity import QUANTITY_SCHEMA, QuantityText
from webhook.api.struct import ApiStruct
from webhook.api.virtual_machine import PRESERVE_UNKNOWN
from webhook.api.virtualization import GROUP, VERSION
from webhook.api.vocabulary import DISK_SELECTED_NODE, REPLACED_VOLUME, RETAINED_VOLUME


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


BEFORE_DATA: Final = frozenset({"", Phase.PENDING, Phase.PROVISIONING, Phase.WAIT_FOR_FIRST_CONSUMER})
"""In all other phases the data of a disk was copied, or never will be."""


class VirtualDisk(Object, frozen=True):
    spec: Annotated[VirtualDiskSpec, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = VirtualDiskSpec()
    status: Annotated[VirtualDiskStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = VirtualDiskStatus()

    @property
    def retained_volume(self) -> str:
        """The PersistentVolume that the disk is put back on; `""` when it gets a new one."""
        return self.metadata.annotations.get(RETAINED_VOLUME, "")

    @property
    def replaced_volume(self) -> str:
        """The PersistentVolume that is kept until the disk has its data; `""` for none."""
        return self.metadata.annotations.get(REPLACED_VOLUME, "")

    @property
    def selected_node(self) -> str:
        """The node that its claim is to be provisioned for; `""` when that waits for a consumer."""
        return self.metadata.annotations.get(DISK_SELECTED_NODE, "")

    @property
    def source_snapshot(self) -> str:
        """The VirtualDiskSnapshot that the disk is made of; `""` when it is made of something else, or is put back on a
        volume that it had before."""
        source = self.spec.data_source.object_ref if self.spec.data_source is not None else None
        made_of_snapshot = source is not None and source.kind == ObjectReferenceKind.VIRTUAL_DISK_SNAPSHOT
        return source.name if source is not None and made_of_snapshot and not self.retained_volume else ""

    @property
    def in_recovery(self) -> bool:
        """Whether it is for whoever executes snapshots to bring the disk to its data. Once it was Ready it is the
        machine side's, like any other."""
        recovered = bool(self.source_snapshot or self.retained_volume)
        return recovered and self.status.phase in BEFORE_DATA | {Phase.FAILED}

    @property
    def claim_name(self) -> str:
        """`d8v-vd-<uid>-<5 letters>` as on the platform, where the letters are random and kept in the status.

        Until they are, ours follow from the uid: a create that is repeated after a crash meets its own claim.
        """
        digest = hashlib.sha256(self.metadata.uid.encode()).digest()
        letters = "".join(string.ascii_lowercase[byte % 26] for byte in digest[:5])
        return self.status.target.persistent_volume_claim_name or f"d8v-vd-{self.metadata.uid}-{letters}"


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
