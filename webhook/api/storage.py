"""PersistentVolumeClaim and StorageClass, as far as snapshots read them."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from msgspec import field

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.quantity import QuantityText
from webhook.api.struct import ApiStruct

STORAGE_PROVISIONER: Final = "volume.kubernetes.io/storage-provisioner"
BETA_STORAGE_PROVISIONER: Final = "volume.beta.kubernetes.io/storage-provisioner"
SELECTED_NODE: Final = "volume.kubernetes.io/selected-node"
"""The scheduler's word on a claim that waits for its first consumer: there is one now. The claim waits for nothing else
(pv_controller.go, syncUnboundClaim; sig-storage-lib-external-provisioner, shouldProvision). external-provisioner takes
it off again when the driver knows topology and the node is gone or has no room (prepareProvision, checkError)."""


class ClaimPhase(StrEnum):
    PENDING = "Pending"
    BOUND = "Bound"
    LOST = "Lost"


class ClaimCondition(ApiStruct, frozen=True):
    """corev1.PersistentVolumeClaimCondition, which lacks what metav1.Condition requires."""

    type: str
    status: str


class ClaimResources(ApiStruct, frozen=True):
    requests: dict[str, QuantityText] = field(default_factory=dict)


class PersistentVolumeClaimSpec(ApiStruct, frozen=True):
    storage_class_name: str = ""
    volume_name: str = ""
    volume_mode: str = ""
    resources: ClaimResources = ClaimResources()


class PersistentVolumeClaimStatus(ApiStruct, frozen=True):
    phase: str = ""
    access_modes: tuple[str, ...] = ()
    capacity: dict[str, QuantityText] = field(default_factory=dict)
    conditions: tuple[ClaimCondition, ...] = ()


class PersistentVolumeClaim(Object, frozen=True):
    spec: PersistentVolumeClaimSpec = PersistentVolumeClaimSpec()
    status: PersistentVolumeClaimStatus = PersistentVolumeClaimStatus()

    @property
    def granted(self) -> QuantityText:
        return self.status.capacity.get("storage", "")

    @property
    def driver(self) -> str:
        """The CSI driver that provisioned it; `""` when it was provisioned otherwise."""
        annotations = self.metadata.annotations
        return annotations.get(STORAGE_PROVISIONER) or annotations.get(BETA_STORAGE_PROVISIONER) or ""


PERSISTENT_VOLUME_CLAIM: Final = Kind(
    "", "v1", "PersistentVolumeClaim", "persistentvolumeclaims", PersistentVolumeClaim
)


class BindingMode(StrEnum):
    IMMEDIATE = "Immediate"
    WAIT_FOR_FIRST_CONSUMER = "WaitForFirstConsumer"


class StorageClass(Object, frozen=True):
    provisioner: str = ""
    volume_binding_mode: str = ""

    @property
    def waits_for_first_consumer(self) -> bool:
        return self.volume_binding_mode == BindingMode.WAIT_FOR_FIRST_CONSUMER


STORAGE_CLASS: Final = Kind("storage.k8s.io", "v1", "StorageClass", "storageclasses", StorageClass, namespaced=False)


class ClaimReference(ApiStruct, frozen=True):
    namespace: str = ""
    name: str = ""
    uid: str = ""


class VolumePhase(StrEnum):
    AVAILABLE = "Available"
    BOUND = "Bound"
    RELEASED = "Released"
    FAILED = "Failed"


class PersistentVolumeSpec(ApiStruct, frozen=True):
    claim_ref: ClaimReference | None = None
    capacity: dict[str, QuantityText] = field(default_factory=dict)
    access_modes: tuple[str, ...] = ()
    volume_mode: str = ""
    storage_class_name: str = ""
    persistent_volume_reclaim_policy: str = ""


class PersistentVolumeStatus(ApiStruct, frozen=True):
    phase: str = ""


class PersistentVolume(Object, frozen=True):
    spec: PersistentVolumeSpec = PersistentVolumeSpec()
    status: PersistentVolumeStatus = PersistentVolumeStatus()


PERSISTENT_VOLUME: Final = Kind("", "v1", "PersistentVolume", "persistentvolumes", PersistentVolume, namespaced=False)
