"""Whether a machine runs after a restore, and whether a copy of it starts by itself."""

from __future__ import annotations

from webhook.api.virtual_machine import RunPolicy


def runs_after_restore(run_policy: str, *, was_on: bool) -> bool:
    """The saved run policy decides, and where it leaves the choice, what the machine was doing (platform API, 3.4)."""
    match run_policy:
        case RunPolicy.ALWAYS_ON:
            return True
        case RunPolicy.ALWAYS_OFF:
            return False
        case _:
            return was_on


def starts_by_itself(run_policy: str) -> bool:
    return run_policy in {RunPolicy.ALWAYS_ON, RunPolicy.ALWAYS_ON_UNLESS_STOPPED_MANUALLY}
