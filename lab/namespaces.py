"""Linux calls that Python 3.11 does not wrap (os.unshare and os.setns came with 3.12)."""

import ctypes
import os
import signal
from pathlib import Path

from lab.errors import LabError

CLONE_NEWNS = 0x00020000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def require_privilege() -> None:
    """Raises LabError where this user can make no namespaces. Tried out: several settings of a system can forbid it."""
    if os.geteuid() == 0:
        return
    child = os.fork()
    if child == 0:
        os._exit(0 if _libc.unshare(_lab_namespaces()) == 0 else 1)
    _, status = os.waitpid(child, 0)
    if status != 0:
        raise LabError(
            "this system lets no ordinary user make the lab's namespaces; run the same command as root, or allow it "
            "(sysctl user.max_user_namespaces, and on Ubuntu kernel.apparmor_restrict_unprivileged_userns=0)"
        )


def enter_new_namespaces() -> None:
    """Network and mount take effect at once, the PID namespace for the next child, which becomes its PID 1.

    An ordinary user also gets a user namespace, which gives the rights to set the others up. In it he keeps his own
    uid, so that files and paths are the same inside and outside; what he starts has no rights beyond his own.
    """
    uid, gid = os.geteuid(), os.getegid()
    _checked("unshare", _libc.unshare(_lab_namespaces()))
    if uid != 0:
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/setgroups").write_text("deny")  # user_namespaces(7): else gid_map refuses ordinary users
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def enter_namespaces_of(pidfd: int) -> None:
    """Like `enter_new_namespaces`, for those of a running process (setns(2) takes a pidfd since Linux 5.8)."""
    _checked("setns", _libc.setns(pidfd, _lab_namespaces()))


def _lab_namespaces() -> int:
    ordinary = CLONE_NEWUSER if os.geteuid() != 0 else 0
    return CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | ordinary


def mount_own_proc() -> None:
    """Without this, /proc would show the processes of the machine under numbers that mean nothing inside."""
    _checked("mount", _libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))
    _checked("mount", _libc.mount(b"proc", b"/proc", b"proc", 0, None))


def signal_at_parents_death(number: signal.Signals) -> None:
    _checked("prctl", _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0))


def _checked(call: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
