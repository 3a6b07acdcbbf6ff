"""Where the node is and where it keeps its files."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path
from typing import Final

NODE: Final = "lab"
NODE_ADDRESS: Final = IPv4Address("10.97.0.10")
PROBE_PORT: Final = 10248
"""As the kubelet's healthz."""


@dataclass(frozen=True, slots=True)
class Settings:
    kubeconfig: Path
    state: Path
    """A directory for each pod: volumes, and `pid`."""
    logs: Path


def pods_directory(state: Path) -> Path:
    return state / "pods"


def pod_directory(pods: Path, namespace: str, name: str) -> Path:
    return pods / f"{namespace}.{name}"


def pid_file(directory: Path) -> Path:
    """Holds the number of the running container's process, inside the lab."""
    return directory / "pid"
