"""Running a command inside a lab."""

import os
import signal
from collections.abc import Mapping, Sequence
from typing import NoReturn

from lab.namespaces import enter_namespaces_of, signal_at_parents_death

FORWARDED = (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT)

_FROM_KERNEL = 0x80
"""si_code of a signal that the terminal sent: it reached the whole foreground group, the command too."""


def run_inside(pidfd: int, command: Sequence[str], environment: Mapping[str, str]) -> int:
    """Returns the command's exit code as a shell would, 128 + n for a signal."""
    directory = os.getcwd()  # noqa: PTH109 - a mount namespace is entered at its root, and we go back by name
    enter_namespaces_of(pidfd)
    os.chdir(directory)
    signal.pthread_sigmask(signal.SIG_BLOCK, {*FORWARDED, signal.SIGCHLD})
    child = os.fork()  # setns(2): a PID namespace is for children, never for the caller
    if child == 0:
        _become(command, environment)
    return _wait(child)


def _become(command: Sequence[str], environment: Mapping[str, str]) -> NoReturn:
    signal_at_parents_death(signal.SIGTERM)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {*FORWARDED, signal.SIGCHLD})
    try:
        os.execvpe(command[0], list(command), dict(environment))
    except OSError as error:
        os.write(2, f"{command[0]}: {error.strerror}\n".encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def _wait(child: int) -> int:
    while True:
        received = signal.sigwaitinfo({*FORWARDED, signal.SIGCHLD})
        if received.si_signo != signal.SIGCHLD:
            if received.si_code != _FROM_KERNEL:
                os.kill(child, received.si_signo)
            continue
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            code = os.waitstatus_to_exitcode(status)
            return code if code >= 0 else 128 - code
