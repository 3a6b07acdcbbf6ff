"""What the process is told on its command line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

SUBRESOURCE_ADDRESS: Final = "10.97.0.10"
SUBRESOURCE_PORT: Final = 8443
"""As the EndpointSlice in `manifests/platform.yaml` says."""

PROBE_ADDRESS: Final = "127.0.0.1"
PROBE_PORT: Final = 9821


@dataclass(frozen=True, slots=True)
class Settings:
    kubeconfig: Path
    state: Path
    """Holds the frozen guests and their log."""
    storage: Path
    """The directory of the CSI driver, where the guests' disks are."""
    certificate: Path
    key: Path
    authority_pem: bytes
    """Signed the certificate."""
    front_proxy_authority: Path
    """Signed the certificate with which the API server passes requests on."""
    sockets: Path
    """For those of real guests: a socket's path must stay below 108 bytes."""
    guest: Path | None = None
    """What real guests boot; None simulates them."""


def guest_log_file(state: Path) -> Path:
    return state / "guest-log.jsonl"


def freezes_file(state: Path) -> Path:
    return state / "frozen.json"


def instances_file(state: Path) -> Path:
    return state / "instances.json"


def machines_directory(state: Path) -> Path:
    """Where a lab whose files are in `state` keeps those of its machines."""
    return state / "machines"
