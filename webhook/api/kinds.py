"""All kinds, for those who go through them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.data_export import DATA_EXPORT, LEGACY_DATA_EXPORT
from webhook.api.kind import Kind
from webhook.api.namespace import NAMESPACE
from webhook.api.network import CLUSTER_NETWORK, NETWORK
from webhook.api.resource_quota import RESOURCE_QUOTA
from webhook.api.secret import SECRET
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_block_device_attachment import VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_ip_address import VIRTUAL_MACHINE_IP_ADDRESS
from webhook.api.virtual_machine_ip_address_lease import VIRTUAL_MACHINE_IP_ADDRESS_LEASE
from webhook.api.virtual_machine_mac_address import VIRTUAL_MACHINE_MAC_ADDRESS
from webhook.api.virtual_machine_mac_address_lease import VIRTUAL_MACHINE_MAC_ADDRESS_LEASE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS

KINDS: Final[tuple[Kind[Any], ...]] = (
    VIRTUAL_DISK_SNAPSHOT,
    VIRTUAL_MACHINE_SNAPSHOT,
    VIRTUAL_MACHINE,
    VIRTUAL_DISK,
    VIRTUAL_MACHINE_OPERATION,
    VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
    VIRTUAL_MACHINE_BLOCK_DEVICE_ATTACHMENT,
    VIRTUAL_MACHINE_IP_ADDRESS,
    VIRTUAL_MACHINE_IP_ADDRESS_LEASE,
    VIRTUAL_MACHINE_MAC_ADDRESS,
    VIRTUAL_MACHINE_MAC_ADDRESS_LEASE,
    VIRTUAL_IMAGE,
    CLUSTER_VIRTUAL_IMAGE,
    VIRTUAL_MACHINE_CLASS,
    PERSISTENT_VOLUME_CLAIM,
    STORAGE_CLASS,
    VOLUME_SNAPSHOT,
    VOLUME_SNAPSHOT_CLASS,
    SECRET,
    NAMESPACE,
    RESOURCE_QUOTA,
    NETWORK,
    CLUSTER_NETWORK,
    DATA_EXPORT,
    LEGACY_DATA_EXPORT,
)

KINDS_BY_NAME: Final[Mapping[str, Kind[Any]]] = {kind.name: kind for kind in KINDS}
"""For names that we wrote ourselves: DataExport, which two groups have, is here in its legacy one."""
