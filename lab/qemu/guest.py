"""One running guest: a QEMU process, started by us or found running."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import structlog

from lab.machines.hypervisor import HypervisorError
from lab.qemu.agent import AgentError, conversation
from lab.qemu.command_line import AGENT_CHARDEV, AGENT_PORT
from lab.qemu.disks import DiskImage
from lab.qemu.files import GuestFiles
from lab.qemu.monitor import Monitor, MonitorError

LAUNCH_SECONDS: Final = 30.0
"""Until QEMU answers, on a machine whose cores are busy; usually 0.2."""
CONNECT_INTERVAL_SECONDS: Final = 0.05
"""Nothing tells when QEMU begins to listen."""
TAKE_OVER_SECONDS: Final = 5.0
AGENT_SECONDS: Final = 10.0
FREEZE_SECONDS: Final = 45.0
"""With the hook, which may take its time; below the minute after which the API server gives a request up."""
SHUTDOWN_SECONDS: Final = 60.0
"""Of which the guest waits thirty for its writer: whatever is being synchronised keeps a disk busy."""
POWER_BUTTON_SECONDS: Final = 2.0
"""A guest that is still booting misses the button."""
KILL_SECONDS: Final = 5.0
UNPLUG_SECONDS: Final = 10.0

log = structlog.get_logger()


class QemuGuest:
    def __init__(self, files: GuestFiles, changed: Callable[[], None]) -> None:
        """`changed` is called when the guest comes up, ends, or its agent comes or goes."""
        self.files = files
        self.disks: dict[str, DiskImage] = {}
        self.ended = False
        self.agent_connected = False
        self.switched_off_inside = False
        self.stopping: asyncio.Task[None] | None = None
        self._changed = changed
        self._monitor = Monitor()
        self._process: asyncio.subprocess.Process | None = None
        self._over = asyncio.Event()
        self._unplugged: dict[str, asyncio.Event] = {}
        self._talking = asyncio.Lock()

    async def launch(self, command: Sequence[str], disks: Sequence[DiskImage]) -> None:
        """Returns when QEMU runs; the guest is still to boot. Raises HypervisorError; nothing runs then."""
        self.disks = {disk.id: disk for disk in disks}
        with self.files.output.open("wb") as output:
            self._process = await asyncio.create_subprocess_exec(
                *command, stdin=asyncio.subprocess.DEVNULL, stdout=output, stderr=output
            )
        try:
            async with asyncio.timeout(LAUNCH_SECONDS):
                await self._connect()
        except (TimeoutError, MonitorError) as error:
            with suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            said = self.files.output.read_text(errors="replace").strip()
            raise HypervisorError(f"QEMU does not start: {said or error}") from error

    async def take_over(self) -> bool:
        """Whether it runs and is ours now."""
        try:
            async with asyncio.timeout(TAKE_OVER_SECONDS):
                await self._monitor.connect(self.files.monitor)
                devices = await self._monitor.execute("query-chardev")
                blocks = await self._monitor.execute("query-named-block-nodes")
        except (MonitorError, TimeoutError):
            return False
        self.agent_connected = any(each["label"] == AGENT_CHARDEV and each["frontend-open"] for each in devices)
        nodes = {block["node-name"]: Path(block["file"]) for block in blocks if block["drv"] == "raw"}
        self.disks = {name: DiskImage(name, image) for name, image in nodes.items()}
        return True

    async def follow(self) -> None:
        """Until it ends."""
        await self._monitor.follow(self._heard)
        if self._process is not None:
            await self._process.wait()
        self.ended, self.agent_connected = True, False
        self._over.set()
        self._changed()

    async def shut_down(self) -> None:
        """Ask the guest to end, as its power button does; the plug is pulled when it does not."""
        if self.agent_connected:
            with suppress(AgentError, TimeoutError):
                await self.thaw()  # frozen file systems cannot be unmounted
        with suppress(TimeoutError, MonitorError):
            async with asyncio.timeout(SHUTDOWN_SECONDS):
                while not self.ended:
                    await self._monitor.execute("system_powerdown")
                    await self._ends_within(POWER_BUTTON_SECONDS)
        if not self.ended:
            log.warning("guest does not shut down; its plug is pulled", uid=self.files.uid)
            await self.kill()

    async def kill(self) -> None:
        """Its disks are left as a power failure leaves them."""
        with suppress(MonitorError):
            await self._monitor.execute("quit")
        if not self.ended and not await self._ends_within(KILL_SECONDS):
            kill_processes_with(str(self.files.monitor))
            await self._over.wait()

    async def plug(self, disk: DiskImage) -> None:
        """Raises HypervisorError."""
        try:
            await self._monitor.execute("blockdev-add", **disk.block_node)
            await self._monitor.execute("device_add", **disk.device)
        except MonitorError as error:
            with suppress(MonitorError):  # the next pass begins with the node again
                await self._monitor.execute("blockdev-del", node_name=disk.id)
            raise HypervisorError(f"disk cannot be plugged in: {error}") from error
        self.disks[disk.id] = disk

    async def unplug(self, disk: DiskImage) -> None:
        """Unmounted first where there is an agent; a guest without one finds its disk gone. Raises HypervisorError.

        A guest that keeps it busy keeps it: taken away then, its file system would be as after a power failure.
        """
        device = disk.device["id"]
        gone = self._unplugged.setdefault(device, asyncio.Event())
        try:
            if self.agent_connected:
                await self._release(disk)
            with suppress(MonitorError):  # it was asked for before, and is on its way
                await self._monitor.execute("device_del", id=device)
            with suppress(TimeoutError):
                async with asyncio.timeout(UNPLUG_SECONDS):
                    await gone.wait()
            await self._monitor.execute("blockdev-del", node_name=disk.id)
        except (AgentError, MonitorError, TimeoutError) as error:
            raise HypervisorError(f"disk cannot be unplugged: {error or 'the agent does not answer'}") from error
        del self._unplugged[device], self.disks[disk.id]

    async def freeze(self) -> None:
        """Raises AgentError when it refuses, and TimeoutError when it may yet do it: thaw it then."""
        await self._ask("guest-fsfreeze-freeze", FREEZE_SECONDS)

    async def thaw(self) -> None:
        """Only what is frozen: the agent would run the hook for nothing. Raises AgentError and TimeoutError."""
        if await self.is_frozen():
            await self._ask("guest-fsfreeze-thaw", AGENT_SECONDS)

    async def is_frozen(self) -> bool:
        """Raises AgentError and TimeoutError."""
        return bool(await self._ask("guest-fsfreeze-status", AGENT_SECONDS) == "frozen")

    async def _ask(self, command: str, seconds: float) -> Any:
        async with self._talking, conversation(self.files.agent, seconds) as agent:
            return await agent.execute(command)

    async def _release(self, disk: DiskImage) -> None:
        async with self._talking, conversation(self.files.agent, AGENT_SECONDS) as agent:
            started = await agent.execute("guest-exec", path="/sbin/release", arg=[disk.id])
            while not (ended := await agent.execute("guest-exec-status", pid=started["pid"]))["exited"]:  # noqa: ASYNC110 - it tells only who asks
                await asyncio.sleep(CONNECT_INTERVAL_SECONDS)
        if ended.get("exitcode") != 0:
            raise AgentError("the guest keeps it busy")

    async def _connect(self) -> None:
        while True:
            try:
                return await self._monitor.connect(self.files.monitor)
            except MonitorError:
                if self._process is not None and self._process.returncode is not None:
                    raise
            await asyncio.sleep(CONNECT_INTERVAL_SECONDS)

    async def _ends_within(self, seconds: float) -> bool:
        try:
            async with asyncio.timeout(seconds):
                return await self._over.wait()
        except TimeoutError:
            return False

    def _heard(self, event: str, data: Mapping[str, Any]) -> None:
        if event == "VSERPORT_CHANGE" and data.get("id") == AGENT_PORT:
            self.agent_connected = bool(data["open"])
            self._changed()
        elif event == "DEVICE_DELETED" and data.get("device") in self._unplugged:
            self._unplugged[data["device"]].set()
        elif event == "SHUTDOWN" and data.get("reason") == "guest-shutdown":
            self.switched_off_inside = self.stopping is None


def kill_processes_with(argument: str) -> None:
    """Those with this text on their command line: QEMUs that cannot be reached in any other way."""
    for process in Path("/proc").glob("[0-9]*"):
        if int(process.name) == os.getpid():
            continue
        with suppress(FileNotFoundError, ProcessLookupError):
            if argument.encode() in (process / "cmdline").read_bytes():
                os.kill(int(process.name), signal.SIGKILL)
