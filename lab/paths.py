"""Where a lab keeps its files."""

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError

CHECKOUT = Path(__file__).parent.parent

NAME = re.compile(r"[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class LabPaths:
    """Everything of one lab is in these two directories, so that removing them removes the lab's files."""

    state: Path
    runtime: Path
    """Unix sockets: a socket's path must stay below 108 bytes, which a home directory does not promise."""

    @property
    def binaries(self) -> Path:
        return self.state / "bin"

    @property
    def guest(self) -> Path:
        """The kernel and the root file system of real guests; there where machines are real, and only there."""
        return self.state / "guest"

    @property
    def kubeconfig(self) -> Path:
        """The administrator's, for use outside of the lab."""
        return self.state / "kubeconfig.yaml"

    @property
    def kubeconfigs(self) -> Path:
        return self.state / "kubeconfigs"

    @property
    def logs(self) -> Path:
        return self.state / "logs"

    @property
    def pki(self) -> Path:
        return self.state / "pki"

    @property
    def record(self) -> Path:
        return self.state / "lab.json"

    @property
    def snapshot_crds(self) -> Path:
        return self.state / "crds"

    @property
    def status(self) -> Path:
        return self.state / "status.json"


def lab_paths(name: str) -> LabPaths:
    if not NAME.fullmatch(name):
        raise LabError(f"lab name {name!r} must be 1 to 32 lower-case letters, digits and inner dashes")
    return LabPaths(
        state=_xdg("XDG_STATE_HOME", ".local/state") / "lab" / name,
        runtime=Path(tempfile.gettempdir()) / f"snapgate-{os.getuid()}-{name}",
    )


def tool_cache() -> Path:
    return _xdg("XDG_CACHE_HOME", ".cache") / "tools"


def guest_cache() -> Path:
    return _xdg("XDG_CACHE_HOME", ".cache") / "guests"


def _xdg(variable: str, default: str) -> Path:
    """The XDG specification ignores values that are not absolute."""
    base = Path(os.environ.get(variable, ""))
    return (base if base.is_absolute() else Path.home() / default) / "snapgate"
