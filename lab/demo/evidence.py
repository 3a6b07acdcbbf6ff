"""How a disk is recognised by its bytes, by what kind of guest writes them."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Protocol

from lab.demo.terminal import DemoError, Terminal
from lab.qemu.packages import program


class Evidence(Protocol):
    def leave(self, terminal: Terminal, image: Path) -> None:
        """Before the first snapshot: something on a disk in use that outlasts what the guest writes later."""
        ...

    def show(self, terminal: Terminal, image: Path) -> str:
        """What of it is on this disk, which a machine may be running with; `""` when nothing is."""
        ...

    def show_copy(self, terminal: Terminal, image: Path) -> str:
        """The same of a disk that nothing has ever run with. Raises DemoError when it is no clean copy."""
        ...


class SimulatedGuests:
    """They write a record to the start of their disks. What lies behind it is left to others."""

    _MARK = "the accounts of 2026"
    _BLOCK = "bs=4096 count=1 status=none"

    def leave(self, terminal: Terminal, image: Path) -> None:
        terminal.run(f"echo '{self._MARK}' | dd of={image} seek=2 conv=notrunc {self._BLOCK}")

    def show(self, terminal: Terminal, image: Path) -> str:
        return terminal.run(f"dd if={image} skip=2 {self._BLOCK} | tr -d '\\0'").strip()

    def show_copy(self, terminal: Terminal, image: Path) -> str:
        terminal.run(f"head -c 120 {image} | tr -d '\\0'; echo")
        if not json.loads((terminal.directory / image).read_bytes()[:4096].rstrip(b"\0"))["counter"]:
            raise DemoError(f"{image} does not hold what the guest wrote")
        return self.show(terminal, image)


class RealGuests:
    """Their freeze hook notes each freeze in a file, with the counter that the guest had reached."""

    def leave(self, terminal: Terminal, image: Path) -> None:
        """Nothing: bytes that are written past a mounted file system would break it."""

    def show(self, terminal: Terminal, image: Path) -> str:
        noted = terminal.run(f"{_tool('debugfs')} -R 'cat /hooks.log' {image} 2>&1 | sed 1d").splitlines()
        return noted[0] if noted and noted[0].startswith("freeze ") else ""

    def show_copy(self, terminal: Terminal, image: Path) -> str:
        terminal.say("It was cut while its file system was frozen: there is no journal to replay.")
        features = terminal.run(f"{_tool('dumpe2fs')} -h {image} 2>/dev/null | grep -E '^Filesystem (features|state):'")
        if "needs_recovery" in features:
            raise DemoError(f"{image} was cut while its file system was in use")
        if not int(terminal.run(f"{_tool('debugfs')} -R 'cat /counter' {image} 2>/dev/null")):
            raise DemoError(f"{image} does not hold what the guest wrote")
        return self.show(terminal, image)


def _tool(name: str) -> str:
    return shlex.quote(program(name) or name)
