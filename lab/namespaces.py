"""Linux calls that Python 3.11 does not wrap (os.unshare and os.setns came with 3.12)."""

import ctypes
import os
import signal

from lab.errors import LabError

CLONE_NEWNS = 0x00020000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000
LAB_NAMESPACES = CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS

_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_PR_SET_PDEATHSIG = 1

_libc = ctypes.CDLL(None, use_errno=True)


def require_privilege() -> None:
    """An ordinary user needs a user namespace around these, which `enter_new_namespaces` does not make yet."""
    if os.geteuid() != 0:
        raise LabError("the lab needs root to make its network and PID namespaces; run the same command as root")


def enter_new_namespaces() -> None:
    """Network and mount take effect at once, the PID namespace for the next child, which becomes its PID 1."""
    _checked("unshare", _libc.unshare(LAB_NAMESPACES))


def enter_namespaces_of(pidfd: int) -> None:
    """Like `enter_new_namespaces`, for those of a running process (setns(2) takes a pidfd since Linux 5.8)."""
    _checked("setns", _libc.setns(pidfd, LAB_NAMESPACES))


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
