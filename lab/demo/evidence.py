"""What is shown of the bytes of a restored disk, by what kind of guest wrote them."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

from lab.demo.terminal import DemoError, Terminal
from lab.qemu.packages import program

Evidence = Callable[[Terminal, Path], None]


def record_of_simulated_guest(terminal: Terminal, image: Path) -> None:
    terminal.run(f"head -c 120 {image} | tr -d '\\0'; echo")
    if not json.loads(image.read_bytes()[:4096].rstrip(b"\0"))["counter"]:
        raise DemoError(f"{image} does not hold what the guest wrote")


def file_system_of_real_guest(terminal: Terminal, image: Path) -> None:
    terminal.say(
        "It was cut while its file system was frozen: no journal to replay, the guest's last counter is there."
    )
    features = terminal.run(f"{_tool('dumpe2fs')} -h {image} 2>/dev/null | grep -E '^Filesystem (features|state):'")
    if "needs_recovery" in features:
        raise DemoError(f"{image} was cut while its file system was in use")
    counter = terminal.run(f"{_tool('debugfs')} -R 'cat /counter' {image} 2>/dev/null")
    terminal.run(f"{_tool('debugfs')} -R 'cat /hooks.log' {image} 2>/dev/null")
    if not int(counter):
        raise DemoError(f"{image} does not hold what the guest wrote")


def _tool(name: str) -> str:
    return shlex.quote(program(name) or name)
