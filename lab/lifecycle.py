"""Bringing a lab up and down, from outside of it."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from lab.context import Lab
from lab.credentials import ADMIN, CLUSTER_AUTHORITY, MASTERS, create_credentials, load_authority, write_private
from lab.errors import LabError
from lab.kubeconfig import kubeconfig_for
from lab.namespaces import require_privilege
from lab.paths import CHECKOUT, LabPaths
from lab.record import Record, has_ended, open_process, read_record
from lab.reports import reports
from lab.toolchain import Toolset

STOP_DEADLINE_SECONDS = 45.0
"""The supervisor gives each component ten seconds, in three or four dependent rows."""
KILL_DEADLINE_SECONDS = 10.0


def bring_up(
    lab: Lab, toolset: Toolset, say: Callable[[str], None], *, snapgate: bool, guest: Path | None = None
) -> None:
    """Returns when everything is ready. A failure or an interruption on the way leaves nothing behind.

    `guest` is what real machines boot; without it they are simulated.
    """
    require_privilege()
    try:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            _prepare(lab, toolset, listener.getsockname()[1], guest)
            _start(lab, listener, say, snapgate=snapgate)
    except BaseException:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})  # an impatient second ^C
        take_down(lab.paths)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
        raise


def take_down(paths: LabPaths) -> None:
    """Idempotent, and also what cleans up after a supervisor that crashed."""
    record = read_record(paths.record)
    pidfd = open_process(record) if record is not None else None
    if pidfd is not None:
        _end(pidfd)
    for directory in (paths.runtime, paths.state):
        shutil.rmtree(directory, ignore_errors=not directory.exists())


@contextmanager
def exclusive(paths: LabPaths) -> Iterator[None]:
    """One `up` or `down` of a lab at a time.

    An abstract socket leaves no file, and the kernel releases it whatever happens.
    """
    with socket.socket(socket.AF_UNIX) as claim:
        try:
            claim.bind(f"\0snapgate-lab:{paths.runtime}")
        except OSError as error:
            raise LabError("another `up` or `down` of this lab is at work; wait for it to end") from error
        yield


def running(paths: LabPaths) -> Record | None:
    record = read_record(paths.record)
    pidfd = open_process(record) if record is not None else None
    if pidfd is None:
        return None
    os.close(pidfd)
    return record


def _prepare(lab: Lab, toolset: Toolset, port: int, guest: Path | None) -> None:
    paths = lab.paths
    paths.state.mkdir(parents=True, mode=0o700)
    for directory in (paths.runtime, paths.logs, paths.kubeconfigs, paths.binaries):
        directory.mkdir(mode=0o700)
    for name, binary in toolset.binaries.items():
        (paths.binaries / name).symlink_to(binary)
    paths.snapshot_crds.symlink_to(toolset.crds)
    if guest is not None:
        paths.guest.symlink_to(guest)
    now = datetime.now(UTC)
    create_credentials(paths.pki, now)
    authority = load_authority(paths.pki, CLUSTER_AUTHORITY)
    admin = kubeconfig_for(ADMIN, (MASTERS,), server=outside_address(port), authority=authority, now=now)
    write_private(paths.kubeconfig, admin.encode())


def outside_address(port: int) -> str:
    return f"https://127.0.0.1:{port}"


def _start(lab: Lab, listener: socket.socket, say: Callable[[str], None], *, snapgate: bool) -> None:
    ours, theirs = socket.socketpair()
    descriptors = (listener.fileno(), theirs.fileno())
    command = [sys.executable, "-m", "lab.pid_one", f"--name={lab.name}"]
    command += [f"--listener={descriptors[0]}", f"--report={descriptors[1]}", *(["--snapgate"] if snapgate else [])]
    with ours, (lab.paths.logs / "supervisor.log").open("wb") as log:
        with theirs:
            subprocess.run(
                command,
                cwd=CHECKOUT,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=descriptors,
                start_new_session=True,
                check=False,
            )
        for report in reports(ours):
            if report.ready:
                return
            if report.failed:
                raise LabError(report.message)
            say(report.message)
    crash = (lab.paths.logs / "supervisor.log").read_text() if lab.paths.logs.exists() else ""
    raise LabError(f"the lab's supervisor ended before everything was ready\n{crash}".rstrip())


def _end(pidfd: int) -> None:
    try:
        signal.pidfd_send_signal(pidfd, signal.SIGTERM)
        if not has_ended(pidfd, STOP_DEADLINE_SECONDS):
            signal.pidfd_send_signal(pidfd, signal.SIGKILL)
            if not has_ended(pidfd, KILL_DEADLINE_SECONDS):
                raise LabError("the lab's processes do not end; look at `ps` for those in state D")
    except ProcessLookupError:  # it ended between two calls
        return
    finally:
        os.close(pidfd)
