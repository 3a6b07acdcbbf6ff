"""The Debian packages that real guests are made of. The standard library only: CI asks before anything is installed.

`python3 -m lab.qemu.packages` prints those that are missing, on one line.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Final

PROGRAMS: Final = {
    "qemu-system-x86": ("qemu-system-x86_64",),
    "busybox-static": ("busybox",),
    "e2fsprogs": ("mkfs.ext4", "dumpe2fs", "debugfs"),
}
"""To be installed, and the programs that are needed of each."""

KERNEL: Final = "linux-image-cloud-amd64"
"""Depends on the kernel of this Debian. Downloaded and unpacked, like the agent; never installed."""
AGENT: Final = "qemu-guest-agent"

LISTS: Final = Path("/var/lib/apt/lists")
_FALLBACK: Final = ("/usr/sbin", "/sbin")
"""Where e2fsprogs is, and where the PATH of an ordinary user does not look."""


def program(name: str) -> str | None:
    return shutil.which(name, path=os.pathsep.join((os.environ.get("PATH", os.defpath), *_FALLBACK)))


def missing_packages() -> list[str]:
    return [package for package, programs in PROGRAMS.items() if not all(program(each) for each in programs)]


def install_command(packages: list[str]) -> str:
    """As root. Also what to run when only the package lists are missing."""
    install = f" && apt-get install --no-install-recommends -y {' '.join(packages)}" if packages else ""
    return f"apt-get update{install}"


def reason_without_guests() -> str:
    """Why this machine can run no real guests, with the command that changes it; `""` when it can."""
    if shutil.which("apt-get") is None:
        return "real guests are made of Debian's packages, and this machine has no apt-get"
    missing = missing_packages()
    if missing:
        return f"real guests need {', '.join(missing)}; as root: {install_command(missing)}"
    if not any(LISTS.glob("*_Packages*")):
        return f"real guests need Debian's package lists; as root: {install_command([])}"
    return ""


if __name__ == "__main__":
    print(*missing_packages())
