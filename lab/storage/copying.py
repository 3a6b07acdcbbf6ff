import errno
import fcntl
import os
from pathlib import Path

FICLONE = 0x40049409
"""_IOW(0x94, 9, int), linux/fs.h: make the target share the source's blocks (btrfs, xfs, bcachefs)."""

_CANNOT_CLONE = {errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL, errno.EXDEV, errno.ENOSYS}

_CHUNK_BYTES = 64 * 1024**2


def copy_image(source: Path, target: Path, size_bytes: int) -> None:
    """Write a new file of exactly `size_bytes` that reads as the source does, and is as sparse.

    Blocks for as long as the copy takes: call it off the event loop.
    """
    with source.open("rb") as reader, target.open("xb") as writer:
        if not _clone(reader.fileno(), writer.fileno()):
            _copy_data(reader.fileno(), writer.fileno())
        os.ftruncate(writer.fileno(), size_bytes)


def _clone(source: int, target: int) -> bool:
    try:
        fcntl.ioctl(target, FICLONE, source)
    except OSError as error:
        if error.errno in _CANNOT_CLONE:
            return False
        raise
    return True


def _copy_data(source: int, target: int) -> None:
    start = _next_data(source, 0)
    while start is not None:
        end = os.lseek(source, start, os.SEEK_HOLE)
        _copy_range(source, target, start, end)
        start = _next_data(source, end)


def _next_data(descriptor: int, offset: int) -> int | None:
    try:
        return os.lseek(descriptor, offset, os.SEEK_DATA)
    except OSError as error:
        if error.errno == errno.ENXIO:  # lseek(2): the rest of the file is a hole, or there is no rest
            return None
        raise


def _copy_range(source: int, target: int, start: int, end: int) -> None:
    # sendfile works between any two files; copy_file_range is missing in gVisor and differs between file systems.
    os.lseek(target, start, os.SEEK_SET)
    while start < end:
        copied = os.sendfile(target, source, start, min(_CHUNK_BYTES, end - start))
        if copied == 0:
            return
        start += copied
