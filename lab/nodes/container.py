"""`python -m lab.nodes.container FILE`: becomes a container's process, with files and a host name of its own.

Started for each container, so that nothing of the node's own process gets into it.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from lab.namespaces import bind_mount, enter_container_namespaces, mount_tmpfs, set_host_name, signal_at_parents_death


class Mount(msgspec.Struct, frozen=True):
    source: str
    target: str


class ContainerProcess(msgspec.Struct, frozen=True):
    """All that the process needs to know, as the node writes it to a file that only it may read."""

    node_pid: int
    command: tuple[str, ...]
    environment: Mapping[str, str]
    host_name: str
    mounts: tuple[Mount, ...]
    keep: tuple[str, ...]
    """Directories that stay where they are even below a mount: the interpreter and this checkout."""


LONGEST_HOST_NAME: Final = 63
"""Of a DNS label (RFC 1123), which the host name of a pod is; Linux itself takes 64 bytes (sethostname(2))."""


def become(process: ContainerProcess) -> None:
    """Does not return. Raises OSError."""
    enter_container_namespaces()
    signal_at_parents_death(signal.SIGKILL)  # only now: new credentials would clear it (kernel, commit_creds)
    if os.getppid() != process.node_pid:
        os._exit(1)  # the node died before this
    set_host_name(process.host_name[:LONGEST_HOST_NAME])
    view = _View(tuple(Path(path) for path in process.keep))
    # All of them first: one may be mounted over the place where another lies.
    opened = [(_held(Path(mount.source)), Path(mount.target)) for mount in process.mounts]
    for source, target in opened:
        view.mount(source, target)
    os.chdir("/")
    os.execve(process.command[0], list(process.command), dict(process.environment))


class _View:
    """The machine's files with a container's volumes on top. Nothing of it is seen outside."""

    def __init__(self, keep: tuple[Path, ...]) -> None:
        self._keep = {path: _held(path) for path in keep}
        self._ours: set[Path] = set()
        """Directories that exist in this view only."""

    def mount(self, source: Path, target: Path) -> None:
        target = target.parent.resolve() / target.name
        self._make_room(target)
        bind_mount(source, target)
        for path, kept in self._keep.items():
            if path.is_relative_to(target):
                path.mkdir(parents=True, exist_ok=True)
                bind_mount(kept, path)

    def _make_room(self, target: Path) -> None:
        """Mount points need a directory, and none may be left on the machine: cover the nearest one that is there."""
        if target.is_dir():
            return
        parent = next(path for path in target.parents if path.is_dir())
        if parent not in self._ours:
            self._cover(parent)
        target.mkdir(parents=True)
        self._ours.update(path for path in (target, *target.parents) if path.is_relative_to(parent))

    def _cover(self, directory: Path) -> None:
        """Put a file system in its place that shows what was there, entry by entry."""
        if directory == Path("/"):
            raise OSError("a mount directly below / needs a root file system of its own, which this node does not make")
        original = _held(directory)
        mount_tmpfs(directory)
        for entry in original.iterdir():
            shown = directory / entry.name
            if entry.is_symlink():
                shown.symlink_to(entry.readlink())
                continue
            if entry.is_dir():
                shown.mkdir()
            else:
                shown.touch()
            bind_mount(entry, shown)


def _held(path: Path) -> Path:
    """A way to what is there now, whatever is mounted over it later. Open until the program starts."""
    return Path(f"/proc/self/fd/{os.open(path, os.O_PATH)}")


def main() -> None:
    process = msgspec.json.decode(Path(sys.argv[1]).read_bytes(), type=ContainerProcess)
    try:
        become(process)
    except OSError as error:
        sys.stderr.write(f"container does not start: {error}\n")
        sys.exit(128)


if __name__ == "__main__":
    main()
