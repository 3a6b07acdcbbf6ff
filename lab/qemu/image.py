"""The kernel and the root file system that guests boot, made once per version of what is in them."""

from __future__ import annotations

import hashlib
import lzma
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from lab.cache import workplace
from lab.errors import LabError
from lab.paths import guest_cache
from lab.qemu.debs import Package, guest_packages, unpack
from lab.qemu.packages import program, reason_without_guests

KERNEL_FILE: Final = "vmlinuz"
ROOT_FILE: Final = "initramfs.cpio"

SCRIPTS: Final = {
    "init": "init",
    "writer": "sbin/writer",
    "shutdown": "sbin/shutdown",
    "release": "sbin/release",
    "unmount": "sbin/unmount",
    "fsfreeze-hook": "etc/qemu/fsfreeze-hook",
}
"""Files beside this one, and where they are in the guest."""

MODULES: Final = (
    "virtio_ring",
    "virtio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "virtio_blk",
    "virtio_console",
    "button",
    "evdev",
)
"""In the order in which they need each other. Debian's cloud kernel has ext4 and PCI hot-plugging built in."""

_SOURCES: Final = Path(__file__).parent / "guest"
_POWER_BUTTON: Final = "etc/acpi/PWRF/00000080"
"""What busybox's acpid runs when the button is pressed."""


def ensure_guest_image(say: Callable[[str], None]) -> Path:
    """The directory with KERNEL_FILE and ROOT_FILE. Raises LabError with the command that brings what is missing."""
    reason = reason_without_guests()
    if reason:
        raise LabError(reason)
    kernel, agent = guest_packages()
    cache = guest_cache()
    image = cache / image_key(kernel, agent)
    if not image.exists():
        with workplace(cache, lambda: say("another process makes the guests' image; waiting for it")) as unfinished:
            if not image.exists():
                say(f"making the guests' image of {kernel.name} {kernel.version} and {agent.name} {agent.version}")
                _make(kernel, agent, unfinished).rename(image)
    return image


def image_key(kernel: Package, agent: Package) -> str:
    contents = hashlib.sha256(repr((kernel, agent, MODULES, sorted(SCRIPTS.items()))).encode())
    for name in (*sorted(SCRIPTS), "../image.py"):
        contents.update((_SOURCES / name).read_bytes())
    contents.update(_busybox().read_bytes())
    return contents.hexdigest()[:16]


def _make(kernel: Package, agent: Package, directory: Path) -> Path:
    image, root = directory / "image", directory / "root"
    image.mkdir()
    kernel_files = unpack(kernel, directory)
    (booted,) = (kernel_files / "boot").glob("vmlinuz-*")
    shutil.copyfile(booted, image / KERNEL_FILE)
    for name in ("proc", "sys", "dev", "run", "tmp", "bin", "sbin", "modules", "data", "disks"):
        (root / name).mkdir(parents=True)
    _install_busybox(root)
    _install_agent(unpack(agent, directory) / "usr/sbin/qemu-ga", root)
    for position, module in enumerate(MODULES):
        (root / "modules" / f"{position}-{module}.ko").write_bytes(_module(kernel_files, module))
    for name, place in SCRIPTS.items():
        _install(_SOURCES / name, root / place)
    (root / _POWER_BUTTON).parent.mkdir(parents=True)
    (root / _POWER_BUTTON).symlink_to("/sbin/shutdown")
    _pack(root, image / ROOT_FILE)
    return image


def _install_busybox(root: Path) -> None:
    busybox = _busybox()
    _install(busybox, root / "bin/busybox")
    for name in subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True).stdout.split():
        if name != "busybox":
            (root / "bin" / name).symlink_to("busybox")


def _install_agent(binary: Path, root: Path) -> None:
    """With the libraries of this machine: it is the Debian that the package is of."""
    _install(binary, root / "bin/qemu-ga")
    listed = subprocess.run(["ldd", binary], check=False, capture_output=True, text=True)
    missing = re.findall(r"(\S+) => not found", listed.stdout)
    if listed.returncode != 0 or missing:
        raise LabError(f"qemu-ga lacks libraries that come with QEMU: {' '.join(missing) or listed.stderr.strip()}")
    for library in re.findall(r"(/\S+) \(0x", listed.stdout):
        _install(Path(library), root / library.removeprefix("/"))


def _install(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755)


def _module(kernel_files: Path, name: str) -> bytes:
    """Plain: newer Debians compress modules, and busybox inserts only plain ones."""
    for found in kernel_files.rglob(f"{name}.ko*"):
        return lzma.decompress(found.read_bytes()) if found.suffix == ".xz" else found.read_bytes()
    raise LabError(f"{kernel_files.name} has no module {name}; lab/qemu/image.py lists what guests need")


def _pack(root: Path, archive: Path) -> None:
    """Not compressed: the guest would spend longer unpacking it than QEMU takes to load it."""
    with archive.open("wb") as output:
        subprocess.run(
            [_busybox(), "cpio", "-o", "-H", "newc"],
            cwd=root,
            input="\n".join(_names(root)).encode(),
            stdout=output,
            stderr=subprocess.DEVNULL,
            check=True,
        )


def _names(root: Path) -> Iterable[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def _busybox() -> Path:
    found = program("busybox")
    if found is None:
        raise LabError(reason_without_guests())
    return Path(found)
