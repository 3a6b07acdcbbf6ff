"""When a machine starts, runs and stops. Pure: the clock's reading is an argument."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from lab.machines.instances import Power
from webhook.api.virtual_machine import Phase, RunPolicy

STARTING_SECONDS: Final = 0.3
STOPPING_SECONDS: Final = 0.2
"""Of a simulated machine: long enough that a watcher sees the phase, short enough that a test need not plan for it."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    run_policy: str
    ready: bool
    """Whether everything is there that the machine needs to start."""
    start_withheld: bool
    deleting: bool
    power: Power | None = None
    restarting: bool = False
    maintained: bool = False
    ended: bool = False
    """Whether it does not run although its phase says so: its guest switched itself off, or died."""

    @property
    def due_to_run(self) -> bool:
        if self.maintained or self.restarting:
            return False
        match self.run_policy:
            case RunPolicy.ALWAYS_ON:
                return True
            case RunPolicy.ALWAYS_ON_UNLESS_STOPPED_MANUALLY:
                return self.power != Power.OFF
            case RunPolicy.MANUAL:
                return self.power == Power.ON
            case _:
                return False


@dataclass(frozen=True, slots=True)
class Transition:
    """The phase to be in now, and when to look again if nothing else happens."""

    phase: Phase
    again_after_seconds: float | None = None


def transition(phase: str, seconds_left: float | None, circumstances: Circumstances) -> Transition:
    """`seconds_left`: until a machine that is starting is up, or one that is stopping is off; None is unknown."""
    if circumstances.deleting:
        return Transition(Phase.TERMINATING)
    if phase == Phase.STARTING and circumstances.due_to_run:
        return _when_done(seconds_left, Phase.STARTING, Phase.RUNNING)
    if phase == Phase.STOPPING:
        return _when_done(seconds_left, Phase.STOPPING, Phase.STOPPED)
    if phase == Phase.RUNNING and circumstances.due_to_run and not circumstances.ended:
        return Transition(Phase.RUNNING)
    if phase in {Phase.RUNNING, Phase.STARTING}:
        return Transition(Phase.STOPPING, STOPPING_SECONDS)
    return _from_rest(phase, circumstances)


def _from_rest(phase: str, circumstances: Circumstances) -> Transition:
    never_ran = phase != Phase.STOPPED and not circumstances.maintained
    if not circumstances.ready and (never_ran or circumstances.due_to_run):
        return Transition(Phase.PENDING)
    if circumstances.due_to_run and not circumstances.start_withheld:
        return Transition(Phase.STARTING, STARTING_SECONDS)
    return Transition(Phase.STOPPED)


def _when_done(seconds_left: float | None, before: Phase, then: Phase) -> Transition:
    return Transition(then) if seconds_left == 0 else Transition(before, seconds_left)
