"""The children of PID 1: the components it started, and every orphan of its namespace."""

import asyncio
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

STOP_DEADLINE_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Child:
    process: subprocess.Popen[bytes]
    exited: asyncio.Future[int]
    """The exit code, negative for a signal. Shield it when waiting with a deadline."""

    @property
    def pid(self) -> int:
        return self.process.pid

    def signal_group(self, number: signal.Signals) -> None:
        """Each child leads a process group, so that what it started (a guest, a copy) ends with it."""
        if not self.exited.done():
            os.killpg(self.pid, number)


class Children:
    """asyncio waits for its subprocesses one by one, and would leave the orphans that PID 1 inherits as zombies."""

    def __init__(self) -> None:
        self._children: dict[int, Child] = {}

    def reap_on(self, loop: asyncio.AbstractEventLoop) -> None:
        loop.add_signal_handler(signal.SIGCHLD, self._reap)

    def spawn(self, command: Sequence[str], *, environment: Mapping[str, str], directory: Path, output: Path) -> Child:
        with output.open("ab") as log:
            process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=directory,
                start_new_session=True,
            )
        child = Child(process, asyncio.get_running_loop().create_future())
        self._children[child.pid] = child
        return child

    def _reap(self) -> None:
        while True:
            try:
                pid, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if pid == 0:
                return
            child = self._children.pop(pid, None)
            if child is not None:
                child.process.returncode = os.waitstatus_to_exitcode(status)
                child.exited.set_result(child.process.returncode)


async def end(child: Child) -> None:
    child.signal_group(signal.SIGTERM)
    try:
        async with asyncio.timeout(STOP_DEADLINE_SECONDS):
            await asyncio.shield(child.exited)
    except TimeoutError:
        child.signal_group(signal.SIGKILL)
        await child.exited
