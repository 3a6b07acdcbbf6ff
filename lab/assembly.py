"""What stands on the control plane: the parts of the lab, each with its components and manifests."""

from pathlib import Path

from lab.context import Lab
from lab.machines.components import machine_components
from lab.nodes.components import node_components
from lab.process import Component
from lab.storage.components import storage_components

_LAB = Path(__file__).parent


MANIFESTS = tuple(_LAB / part / "manifests" for part in ("storage", "machines", "nodes"))


def components(lab: Lab) -> tuple[Component, ...]:
    return (*storage_components(lab), *machine_components(lab), *node_components(lab))
