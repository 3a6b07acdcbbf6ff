"""VirtualMachine, as far as snapshots read it."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Final

from msgspec import Meta, Raw, field

from webhook.api.kind import AGE, Column, Definition, Kind
from webhook.api.meta import Condition, Object
from webhook.api.struct import ApiStruct
from webhook.api.virtualization import GROUP, VERSION

PRESERVE_UNKNOWN: Final = {"x-kubernetes-preserve-unknown-fields": True}


class Phase(StrEnum):
    PENDING = "Pending"
    RUNNING = "Running"
    DEGRADED = "Degraded"
    TERMINATING = "Terminating"
    STOPPED = "Stopped"
    STOPPING = "Stopping"
    STARTING = "Starting"
    MIGRATING = "Migrating"
    PAUSE = "Pause"


class RunPolicy(StrEnum):
    ALWAYS_ON = "AlwaysOn"
    ALWAYS_OFF = "AlwaysOff"
    MANUAL = "Manual"
    ALWAYS_ON_UNLESS_STOPPED_MANUALLY = "AlwaysOnUnlessStoppedManually"


class BlockDeviceKind(StrEnum):
    VIRTUAL_DISK = "VirtualDisk"
    VIRTUAL_IMAGE = "VirtualImage"
    CLUSTER_VIRTUAL_IMAGE = "ClusterVirtualImage"


class ConditionType(StrEnum):
    AGENT_READY = "AgentReady"
    FILESYSTEM_FROZEN = "FilesystemFrozen"
    SNAPSHOTTING = "Snapshotting"
    BLOCK_DEVICES_READY = "BlockDevicesReady"
    MAINTENANCE = "Maintenance"
    IP_ADDRESS_READY = "VirtualMachineIPAddressReady"
    MAC_ADDRESS_READY = "VirtualMachineMACAddressReady"
    CLASS_READY = "VirtualMachineClassReady"
    PROVISIONING_READY = "ProvisioningReady"
    RESTORED = "Restored"
    """Ours, not the platform's: how the last restore of the machine ended."""
    AWAITING_RESTART = "AwaitingRestartToApplyConfiguration"


class ConditionReason(StrEnum):
    AGENT_READY = "AgentReady"
    AGENT_NOT_READY = "AgentNotReady"
    FROZEN = "Frozen"
    BLOCK_DEVICES_READY = "BlockDevicesReady"
    BLOCK_DEVICES_NOT_READY = "BlockDevicesNotReady"
    WAITING_FOR_FIRST_CONSUMER = "WaitingForWaitForFirstConsumerBlockDevicesToBeReady"
    RESTORE_IN_PROGRESS = "RestoreInProgress"
    RESTORE_COMPLETED = "RestoreCompleted"
    RESTORE_UNDONE = "RestoreUndone"
    RESTORE_INCOMPLETE = "RestoreIncomplete"
    WAITING_FOR_THE_SNAPSHOT_TO_START = "WaitingForTheSnapshotToStart"
    SNAPSHOTTING_IN_PROGRESS = "SnapshottingInProgress"


class NetworkType(StrEnum):
    MAIN = "Main"
    NETWORK = "Network"
    CLUSTER_NETWORK = "ClusterNetwork"


class ProvisioningType(StrEnum):
    USER_DATA = "UserData"
    USER_DATA_REF = "UserDataRef"
    SYSPREP_REF = "SysprepRef"


class SecretReference(ApiStruct, frozen=True):
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]
    kind: Annotated[str, Meta(extra_json_schema={"enum": ["Secret"], "default": "Secret"})] = "Secret"


class Provisioning(ApiStruct, frozen=True):
    """What the guest reads when it first boots."""

    type: Annotated[str, Meta(extra_json_schema={"enum": [*ProvisioningType]})]
    user_data_ref: SecretReference | None = None
    sysprep_ref: SecretReference | None = None

    @property
    def secret_name(self) -> str:
        """The Secret it is in; `""` when it stands in the machine itself."""
        reference = self.user_data_ref or self.sysprep_ref
        return reference.name if reference is not None else ""


class Network(ApiStruct, frozen=True):
    type: Annotated[str, Meta(extra_json_schema={"enum": [*NetworkType]})]
    name: str = ""
    id: int = 0
    mac_address_name: str = field(name="virtualMachineMACAddressName", default="")
    ip_address_name: Annotated[str, Meta(description="IPAddress of the network's own group.")] = field(
        name="ipAddressName", default=""
    )


class NetworkStatus(ApiStruct, frozen=True):
    type: Annotated[str, Meta(extra_json_schema={"enum": [*NetworkType]})]
    name: str = ""
    id: int = 0
    mac_address: str = ""
    mac_address_name: str = field(name="virtualMachineMACAddressName", default="")
    ip_address: str = ""


class BlockDeviceReference(ApiStruct, frozen=True):
    kind: Annotated[str, Meta(extra_json_schema={"enum": [*BlockDeviceKind]})]
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]


class UsbDeviceReference(ApiStruct, frozen=True):
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]


class BlockDeviceStatus(ApiStruct, frozen=True):
    kind: Annotated[str, Meta(extra_json_schema={"enum": [*BlockDeviceKind]})]
    name: Annotated[str, Meta(extra_json_schema={"minLength": 1})]
    attached: bool = False
    hotplugged: bool = False
    virtual_machine_block_device_attachment_name: str = ""


class VirtualMachineSpec(ApiStruct, frozen=True):
    block_device_refs: Annotated[
        tuple[Annotated[BlockDeviceReference, Meta(extra_json_schema=PRESERVE_UNKNOWN)], ...],
        Meta(extra_json_schema={"minItems": 1, "maxItems": 16}),
    ]
    run_policy: Annotated[
        str, Meta(extra_json_schema={"enum": [*RunPolicy], "default": "AlwaysOnUnlessStoppedManually"})
    ] = RunPolicy.ALWAYS_ON_UNLESS_STOPPED_MANUALLY
    ip_address_name: Annotated[
        str,
        Meta(
            description="VirtualMachineIPAddress to use; one is made when absent.", extra_json_schema={"minLength": 1}
        ),
    ] = field(name="virtualMachineIPAddressName", default="")
    networks: tuple[Annotated[Network, Meta(extra_json_schema=PRESERVE_UNKNOWN)], ...] = ()
    provisioning: Annotated[Provisioning | None, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = None
    virtual_machine_class_name: str = ""
    usb_devices: tuple[Annotated[UsbDeviceReference, Meta(extra_json_schema=PRESERVE_UNKNOWN)], ...] = ()


class VirtualMachineStatus(ApiStruct, frozen=True):
    phase: Annotated[str, Meta(extra_json_schema={"enum": [*Phase]})] = ""
    conditions: tuple[Condition, ...] = ()
    block_device_refs: tuple[Annotated[BlockDeviceStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)], ...] = ()
    restart_awaiting_changes: Annotated[
        tuple[Raw, ...],
        Meta(description="Changes of the spec that the running machine has not taken yet."),
    ] = ()
    ip_address_name: str = field(name="virtualMachineIPAddressName", default="")
    ip_address: str = ""
    networks: tuple[Annotated[NetworkStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)], ...] = ()
    observed_generation: int = 0


class VirtualMachine(Object, frozen=True, kw_only=True):
    spec: Annotated[VirtualMachineSpec, Meta(extra_json_schema=PRESERVE_UNKNOWN)]
    status: Annotated[VirtualMachineStatus, Meta(extra_json_schema=PRESERVE_UNKNOWN)] = VirtualMachineStatus()


VIRTUAL_MACHINE: Final = Kind(
    GROUP,
    VERSION,
    "VirtualMachine",
    "virtualmachines",
    VirtualMachine,
    definition=Definition(
        description="A virtual machine.",
        platform=True,
        short_names=("vm",),
        columns=(
            Column("Phase", ".status.phase"),
            Column("Frozen", '.status.conditions[?(@.type=="FilesystemFrozen")].status', priority=1),
            Column("Agent", '.status.conditions[?(@.type=="AgentReady")].status', priority=1),
            AGE,
        ),
    ),
)
