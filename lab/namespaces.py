"""Linux calls that Python 3.11 does not wrap (os.unshare and os.setns came with 3.12)."""

import ctypes
import os
import signal
from pathlib import Path

from lab.errors import LabError

CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

_MS_BIND = 0x1000
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
    _unshare(_lab_namespaces())


def enter_container_namespaces() -> None:
    """Mounts and host name of its own, inside a lab."""
    _unshare(CLONE_NEWNS | CLONE_NEWUTS | _user_namespace())
    _make_mounts_private()


def _unshare(namespaces: int) -> None:
    uid, gid = os.geteuid(), os.getegid()
    _checked("unshare", _libc.unshare(namespaces))
    if uid != 0:
        Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
        Path("/proc/self/setgroups").write_text("deny")  # user_namespaces(7): else gid_map refuses ordinary users
        Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def enter_namespaces_of(pidfd: int) -> None:
    """Like `enter_new_namespaces`, for those of a running process (setns(2) takes a pidfd since Linux 5.8)."""
    _checked("setns", _libc.setns(pidfd, _lab_namespaces()))


def _lab_namespaces() -> int:
    return CLONE_NEWNET | CLONE_NEWPID | CLONE_NEWNS | _user_namespace()


def _user_namespace() -> int:
    return CLONE_NEWUSER if os.geteuid() != 0 else 0


def mount_own_proc() -> None:
    """Without this, /proc would show the processes of the machine under numbers that mean nothing inside."""
    _make_mounts_private()
    _checked("mount", _libc.mount(b"proc", b"/proc", b"proc", 0, None))


def bind_mount(source: Path, target: Path) -> None:
    """With everything that is mounted below it: an ordinary user may not uncover what lies under a mount."""
    _checked(f"mount on {target}", _libc.mount(bytes(source), bytes(target), None, _MS_BIND | _MS_REC, None))


def mount_tmpfs(target: Path) -> None:
    _checked(f"mount on {target}", _libc.mount(b"tmpfs", bytes(target), b"tmpfs", 0, b"mode=0755"))


def set_host_name(name: str) -> None:
    _checked("sethostname", _libc.sethostname(name.encode(), len(name.encode())))


def _make_mounts_private() -> None:
    _checked("mount", _libc.mount(b"none", b"/", None, _MS_REC | _MS_PRIVATE, None))


def signal_at_parents_death(number: signal.Signals) -> None:
    _checked("prctl", _libc.prctl(_PR_SET_PDEATHSIG, int(number), 0, 0, 0))


def _checked(call: str, result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{call}: {os.strerror(number)}")
