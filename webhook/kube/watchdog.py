"""The end of a process that must not go on."""

from __future__ import annotations

import faulthandler
from typing import Protocol


class Watchdog(Protocol):
    """Ends the process unless it is armed again or disarmed in time. There is one for each process."""

    def arm(self, seconds: float) -> None:
        """From now on; more than 0."""
        ...

    def disarm(self) -> None: ...


class ProcessWatchdog:
    """Exits with status 1 and writes to standard error what every thread was doing.

    faulthandler waits in a thread of its own that needs neither the event loop nor the interpreter's lock: what must
    be ended may be the very thing that holds them.
    """

    def arm(self, seconds: float) -> None:
        faulthandler.dump_traceback_later(seconds, exit=True)

    def disarm(self) -> None:
        faulthandler.cancel_dump_traceback_later()
