"""What this node understands of a pod: what our chart renders, and what the API server adds to that.

An unknown member is an error: a chart that relies on something must not pass because nobody looked at it.
"""

from __future__ import annotations

from typing import Any, Final

import msgspec
from msgspec import Raw

from lab.nodes.errors import UnsupportedError
from webhook.api.kind import Kind
from webhook.api.meta import Object, ObjectMeta
from webhook.api.struct import ApiStruct

Recorded = Any
"""Taken as it is and not acted upon: this node enforces no users, limits or file systems, and has no peers."""


class Strict(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    pass


class FieldRef(Strict, frozen=True):
    field_path: str
    api_version: str = "v1"


class EnvSource(Strict, frozen=True):
    field_ref: FieldRef


class EnvVariable(Strict, frozen=True):
    name: str
    value: str = ""
    value_from: EnvSource | None = None


class ContainerPort(Strict, frozen=True):
    container_port: int
    name: str = ""
    protocol: str = "TCP"


class HttpGet(Strict, frozen=True):
    port: int | str
    path: str = "/"
    scheme: str = "HTTP"


class Probe(Strict, frozen=True):
    http_get: HttpGet
    initial_delay_seconds: int = 0
    period_seconds: int = 10
    timeout_seconds: int = 1
    success_threshold: int = 1
    failure_threshold: int = 3


class VolumeMount(Strict, frozen=True):
    name: str
    mount_path: str
    read_only: bool = False


class Container(Strict, frozen=True):
    name: str
    image: str
    command: tuple[str, ...] = ()
    args: tuple[str, ...] = ()
    env: tuple[EnvVariable, ...] = ()
    ports: tuple[ContainerPort, ...] = ()
    volume_mounts: tuple[VolumeMount, ...] = ()
    startup_probe: Probe | None = None
    readiness_probe: Probe | None = None
    liveness_probe: Probe | None = None
    image_pull_policy: Recorded = None
    resources: Recorded = None
    security_context: Recorded = None
    termination_message_path: Recorded = None
    termination_message_policy: Recorded = None

    @property
    def probes(self) -> tuple[Probe, ...]:
        return tuple(
            probe for probe in (self.startup_probe, self.readiness_probe, self.liveness_probe) if probe is not None
        )

    def port(self, number_or_name: int | str) -> int:
        """Raises UnsupportedError for a name that no port has."""
        if isinstance(number_or_name, int):
            return number_or_name
        for each in self.ports:
            if each.name == number_or_name:
                return each.container_port
        raise UnsupportedError(f"spec.containers[0].ports: a probe names {number_or_name}, and no port is called so")


class KeyToPath(Strict, frozen=True):
    key: str
    path: str


class ConfigMapSource(Strict, frozen=True):
    name: str
    items: tuple[KeyToPath, ...] = ()
    default_mode: Recorded = None


class SecretSource(Strict, frozen=True):
    secret_name: str
    default_mode: Recorded = None


class EmptyDirSource(Strict, frozen=True):
    medium: Recorded = None
    size_limit: Recorded = None


class TokenProjection(Strict, frozen=True):
    path: str
    expiration_seconds: int = 3600
    audience: str = ""


class DownwardFile(Strict, frozen=True):
    path: str
    field_ref: FieldRef


class DownwardProjection(Strict, frozen=True):
    items: tuple[DownwardFile, ...]


class Projection(Strict, frozen=True):
    service_account_token: TokenProjection | None = None
    config_map: ConfigMapSource | None = None
    downward_api: DownwardProjection | None = msgspec.field(name="downwardAPI", default=None)


class ProjectedSource(Strict, frozen=True):
    sources: tuple[Projection, ...]
    default_mode: Recorded = None


class Volume(Strict, frozen=True):
    name: str
    config_map: ConfigMapSource | None = None
    secret: SecretSource | None = None
    empty_dir: EmptyDirSource | None = None
    projected: ProjectedSource | None = None


class PodSpec(Strict, frozen=True):
    containers: tuple[Container, ...]
    volumes: tuple[Volume, ...] = ()
    restart_policy: str = "Always"
    termination_grace_period_seconds: int = 30
    service_account_name: str = "default"
    node_name: str = ""
    service_account: Recorded = None
    automount_service_account_token: Recorded = None
    enable_service_links: bool = True
    dns_policy: Recorded = None
    scheduler_name: str = "default-scheduler"
    security_context: Recorded = None
    priority: Recorded = None
    preemption_policy: Recorded = None
    tolerations: Recorded = None
    affinity: Recorded = None
    """Of one node, whatever is preferred is granted; what is required is refused below."""
    topology_spread_constraints: tuple[dict[str, Any], ...] = ()

    @property
    def container(self) -> Container:
        return self.containers[0]


class PodMeta(ObjectMeta, frozen=True):
    deletion_grace_period_seconds: int = 30


class ContainerStatus(ApiStruct, frozen=True):
    restart_count: int = 0


class PodStatus(ApiStruct, frozen=True):
    phase: str = ""
    pod_ip: str = msgspec.field(name="podIP", default="")
    container_statuses: tuple[ContainerStatus, ...] = ()

    @property
    def over(self) -> bool:
        return self.phase in {"Succeeded", "Failed"}


class Pod(Object, frozen=True, kw_only=True):
    metadata: PodMeta = PodMeta()
    spec: Raw
    status: PodStatus = PodStatus()


POD: Final = Kind("", "v1", "Pod", "pods", Pod)


def read_spec(pod: Pod) -> PodSpec:
    """Raises UnsupportedError for everything that this node would have to ignore."""
    try:
        spec = msgspec.json.decode(pod.spec, type=PodSpec)
    except msgspec.ValidationError as error:
        raise UnsupportedError(f"spec: {error}") from error
    _check(spec)
    return spec


class _Container(ApiStruct, frozen=True):
    name: str
    image: str


class _Containers(ApiStruct, frozen=True):
    containers: tuple[_Container, ...]


def first_container(pod: Pod) -> tuple[str, str]:
    """Name and image, also of a pod that this node does not understand."""
    container = msgspec.json.decode(pod.spec, type=_Containers).containers[0]
    return container.name, container.image


def _check(spec: PodSpec) -> None:
    if len(spec.containers) != 1:
        raise UnsupportedError("spec.containers: this node runs pods of one container")
    if spec.enable_service_links:
        raise UnsupportedError("spec.enableServiceLinks: this node sets no variables for Services; set it to false")
    if any(each.get("whenUnsatisfiable") != "ScheduleAnyway" for each in spec.topology_spread_constraints):
        raise UnsupportedError("spec.topologySpreadConstraints: there is one node; use ScheduleAnyway")
    if "requiredDuringScheduling" in msgspec.json.encode(spec.affinity).decode():
        raise UnsupportedError("spec.affinity: there is one node, and this node does not look at requirements")
    container = spec.container
    texts = (*container.command, *container.args, *(variable.value for variable in container.env))
    if any("$(" in text for text in texts):
        raise UnsupportedError("spec.containers[0]: this node does not expand $(VARIABLE)")
    for probe in container.probes:
        container.port(probe.http_get.port)
