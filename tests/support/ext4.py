"""What a disk image holds, as its file system would be found by whoever attaches it. Nothing is mounted or replayed."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from lab.qemu.packages import program


def needs_recovery(image: Path) -> bool:
    """Whether the journal has to be replayed before what is on the disk may be trusted (dumpe2fs -h)."""
    header = _run("dumpe2fs", "-h", str(image))
    features = re.search(r"^Filesystem features:(.*)$", header, re.MULTILINE)
    assert features is not None, f"{image} holds no ext4:\n{header}"
    return "needs_recovery" in features[1].split()


def read_text(image: Path, path: str) -> str:
    """`""` when there is no such file."""
    return _run("debugfs", "-R", f"cat {path}", str(image))


def _run(name: str, *arguments: str) -> str:
    command = program(name)
    assert command is not None, f"{name} comes with e2fsprogs"
    done = subprocess.run([command, *arguments], check=True, capture_output=True, text=True, timeout=60)
    return done.stdout
