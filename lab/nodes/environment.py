"""The environment of a container."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import Final

from lab.addresses import API_SERVER, API_SERVER_PORT
from lab.nodes.errors import UnsupportedError
from lab.nodes.images import PATH
from lab.nodes.pod import Container, FieldRef, Pod, PodSpec
from lab.nodes.settings import NODE


@dataclass(frozen=True, slots=True)
class Placed:
    """A pod that has its address."""

    pod: Pod
    spec: PodSpec
    address: IPv4Address


_FIELDS: Final[Mapping[str, Callable[[Placed], str]]] = {
    "metadata.name": lambda placed: placed.pod.metadata.name,
    "metadata.namespace": lambda placed: placed.pod.metadata.namespace,
    "metadata.uid": lambda placed: placed.pod.metadata.uid,
    "spec.nodeName": lambda _: NODE,
    "spec.serviceAccountName": lambda placed: placed.spec.service_account_name,
    "status.podIP": lambda placed: str(placed.address),
}


def field(placed: Placed, reference: FieldRef) -> str:
    read = _FIELDS.get(reference.field_path)
    if read is None:
        raise UnsupportedError(f"fieldRef: this node does not know {reference.field_path}")
    return read(placed)


def environment_of(placed: Placed, container: Container) -> dict[str, str]:
    """There is no kube-proxy, so the API server is named by its own address and not by its Service's."""
    environment = {
        "PATH": PATH,
        "HOME": "/",
        "LANG": "C.UTF-8",
        "KUBERNETES_SERVICE_HOST": str(API_SERVER),
        "KUBERNETES_SERVICE_PORT": str(API_SERVER_PORT),
    }
    for variable in container.env:
        source = variable.value_from
        environment[variable.name] = variable.value if source is None else field(placed, source.field_ref)
    return environment
