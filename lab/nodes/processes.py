"""A container's process."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

import msgspec

from lab.credentials import write_private
from lab.nodes.container import ContainerProcess, Mount
from lab.nodes.environment import Placed, environment_of
from lab.nodes.images import command_of
from lab.nodes.settings import pid_file
from lab.nodes.volumes import Volumes
from lab.paths import CHECKOUT


class RunningContainer:
    def __init__(self, process: asyncio.subprocess.Process, directory: Path) -> None:
        self._process = process
        self._directory = directory
        self.exited = asyncio.ensure_future(self._wait())
        """The exit code as a shell has it: 128 + n for a signal."""

    def terminate(self) -> None:
        """SIGTERM for the container's first process, as a runtime does; it tells its own children, or does not."""
        with suppress(ProcessLookupError):
            self._process.terminate()

    def kill(self) -> None:
        """SIGKILL for all of it."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    async def _wait(self) -> int:
        code = await self._process.wait()
        self.kill()  # what it left behind
        pid_file(self._directory).unlink(missing_ok=True)
        return code if code >= 0 else 128 - code


async def start_container(placed: Placed, volumes: Volumes, directory: Path, log: Path) -> RunningContainer:
    """`directory` is the pod's own. Raises UnsupportedError, OSError."""
    container = placed.spec.container
    description = ContainerProcess(
        node_pid=os.getpid(),
        command=command_of(container),
        environment=environment_of(placed, container),
        host_name=placed.pod.metadata.name,
        mounts=tuple(Mount(str(volumes.path(each.name)), each.mount_path) for each in container.volume_mounts),
        keep=_needed_directories(),
    )
    file = _written_down(description, directory)
    with log.open("ab") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "lab.nodes.container",
            str(file),
            cwd=CHECKOUT,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    pid_file(directory).write_text(str(process.pid))
    return RunningContainer(process, directory)


def _written_down(description: ContainerProcess, directory: Path) -> Path:
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "container.json"
    write_private(file, msgspec.json.encode(description))
    return file


def _needed_directories() -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(Path(each)) for each in (sys.base_prefix, sys.prefix, CHECKOUT)))
