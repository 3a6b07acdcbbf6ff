"""What stands on the control plane: the parts of the lab, each with its components and manifests."""

from pathlib import Path

from lab.context import Lab
from lab.machines.components import machine_components
from lab.nodes.components import node_components
from lab.process import Component
from lab.snapgate.components import MANIFESTS as SNAPGATE_MANIFESTS
from lab.snapgate.components import snapgate_components
from lab.storage.components import storage_components

_LAB = Path(__file__).parent


def manifest_directories(*, snapgate: bool) -> tuple[Path, ...]:
    parts = tuple(_LAB / part / "manifests" for part in ("storage", "machines", "nodes"))
    return (*parts, *SNAPGATE_MANIFESTS) if snapgate else parts


def components(lab: Lab, *, snapgate: bool) -> tuple[Component, ...]:
    parts = (*storage_components(lab), *machine_components(lab), *node_components(lab))
    return (*parts, *snapgate_components(lab)) if snapgate else parts
