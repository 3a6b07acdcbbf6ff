from __future__ import annotations

import subprocess
import sys

import pytest

DEADLINE_SECONDS = 60.0


def run(program: str) -> subprocess.CompletedProcess[str]:
    prelude = "import asyncio, time\nfrom webhook.kube.watchdog import ProcessWatchdog\nwatchdog = ProcessWatchdog()\n"
    command = [sys.executable, "-c", prelude + program]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=DEADLINE_SECONDS)


@pytest.mark.parametrize(
    "stuck",
    [
        "asyncio.run(asyncio.Event().wait())",
        "while True: pass",
        "time.sleep(3600)",
        "import ctypes; ctypes.PyDLL(None).sleep(3600)",
    ],
    ids=["a task", "the event loop", "a system call", "the interpreter"],
)
def test_a_process_ends_whatever_is_stuck(stuck: str) -> None:
    ended = run(f"watchdog.arm(0.05)\n{stuck}")
    assert ended.returncode == 1
    assert "Timeout" in ended.stderr


def test_a_process_lives_on_when_the_watchdog_is_armed_again_and_disarmed() -> None:
    ended = run("watchdog.arm(0.5)\nwatchdog.arm(3600)\ntime.sleep(0.6)\nwatchdog.disarm()\nprint('alive')")
    assert (ended.returncode, ended.stdout) == (0, "alive\n")
