"""Debian packages that are only unpacked: no right to install is needed, and nothing on the machine changes."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

from lab.errors import LabError
from lab.qemu.packages import AGENT, KERNEL, install_command


@dataclass(frozen=True, slots=True)
class Package:
    name: str
    version: str


def guest_packages() -> tuple[Package, Package]:
    """The kernel and the agent that apt would install now."""
    depends = _run("apt-cache", "depends", "--important", KERNEL)
    kernel = re.search(r"Depends: (linux-image-\S+)", depends)
    if kernel is None:
        raise LabError(f"{KERNEL} names no kernel; renew the package lists, as root: {install_command([])}")
    return Package(kernel[1], _candidate(kernel[1])), Package(AGENT, _candidate(AGENT))


def unpack(package: Package, directory: Path) -> Path:
    """Download into `directory`; gives the directory with the package's files."""
    _run("apt-get", "download", "-q", f"{package.name}={package.version}", directory=directory)
    (archive,) = directory.glob(f"{package.name}_*.deb")
    files = directory / package.name
    _run("dpkg", "-x", str(archive), str(files))
    archive.unlink()
    return files


def _candidate(name: str) -> str:
    found = re.search(r"Candidate: (\S+)", _run("apt-cache", "policy", name))
    if found is None or found[1] == "(none)":
        raise LabError(f"apt knows no package {name}; renew its lists, as root: {install_command([])}")
    return found[1]


def _run(*command: str, directory: Path | None = None) -> str:
    done = subprocess.run(
        command,
        cwd=directory,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise LabError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stderr.strip()}")
    return done.stdout
