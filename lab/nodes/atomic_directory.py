"""A directory whose files change all at once."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Final

_DATA: Final = "..data"


def write_at_once(directory: Path, files: Mapping[str, bytes]) -> bool:
    """Make the directory hold exactly these; False when it did. As the kubelet does (pkg/volume/util/atomic_writer.go):
    each name links into `..data`, which is a link itself and is replaced, so that no reader sees old beside new.
    """
    data = directory / _DATA
    if data.exists() and {path.name: path.read_bytes() for path in data.iterdir()} == dict(files):
        return False
    before = data.resolve() if data.exists() else None
    fresh = Path(tempfile.mkdtemp(prefix="..", dir=directory))
    fresh.chmod(0o755)
    for name, content in files.items():
        (fresh / name).write_bytes(content)
    unfinished = directory / f"{_DATA}_tmp"
    unfinished.unlink(missing_ok=True)
    unfinished.symlink_to(fresh.name)
    unfinished.replace(data)
    _link(directory, files)
    if before is not None:
        shutil.rmtree(before)
    return True


def _link(directory: Path, files: Mapping[str, bytes]) -> None:
    present = {path.name for path in directory.iterdir() if not path.name.startswith("..")}
    for name in files.keys() - present:
        (directory / name).symlink_to(Path(_DATA, name))
    for name in present - files.keys():
        (directory / name).unlink()
