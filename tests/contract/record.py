"""`python -m tests.contract.record`: record anew what a real API server sends to admission webhooks.

Starts a lab of its own, without Snapgate, and takes it down again. What changes in tests/contract/recorded besides
uids, times and resource versions is what another version of the API server does differently.
"""

from __future__ import annotations

import signal
import subprocess
import sys
from types import FrameType
from typing import Final

NAME: Final = "record"
_LAB: Final = (sys.executable, "-m", "lab", "--name", NAME)


def main() -> int:
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        subprocess.run([*_LAB, "down"], check=True)  # what an earlier run left behind would be recorded, too
        subprocess.run([*_LAB, "up"], check=True)
        session = (sys.executable, "-m", "tests.contract.recording.session", NAME)
        return subprocess.run([*_LAB, "run", "--", *session], check=False).returncode
    except KeyboardInterrupt:
        return 130
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        subprocess.run([*_LAB, "down"], check=True, start_new_session=True)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
