"""What tells one run of a lab from everything else: written by its PID 1, read by every command."""

import json
import os
import select
from dataclasses import asdict, dataclass
from pathlib import Path

_START_TIME_FIELD = 22
"""proc_pid_stat(5), counted from 1."""


@dataclass(frozen=True, slots=True)
class Record:
    pid: int
    """On the machine, not inside."""
    start_ticks: int
    """When the process started, in clock ticks since boot: a pid alone may have been given to another process."""
    port: int

    def write(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self)))


def read_record(path: Path) -> Record | None:
    try:
        return Record(**json.loads(path.read_text()))
    except FileNotFoundError:
        return None


def own_record(port: int) -> Record:
    """For PID 1, before it mounts a /proc of its own: the machine's /proc knows us by the machine's number."""
    pid = int(Path("/proc/self").readlink().name)
    return Record(pid, _start_ticks(pid), port)


def open_process(record: Record) -> int | None:
    """A pidfd of the recorded process, or None when it is gone."""
    try:
        pidfd = os.pidfd_open(record.pid)
        if _start_ticks(record.pid) == record.start_ticks and not has_ended(pidfd, timeout_seconds=0):
            return pidfd
    except (ProcessLookupError, FileNotFoundError):
        return None
    os.close(pidfd)
    return None


def has_ended(pidfd: int, timeout_seconds: float) -> bool:
    """A pidfd is readable once its process has ended; for a PID 1, that is after every process of its namespace."""
    readable, _, _ = select.select([pidfd], [], [], timeout_seconds)
    return bool(readable)


def _start_ticks(pid: int) -> int:
    after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(after_name[_START_TIME_FIELD - 3])
