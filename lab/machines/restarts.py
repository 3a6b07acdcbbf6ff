"""Which changes of a machine's spec await a restart: what it runs with, compared with what it is to run with."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec

from lab.machines.kinds import Machine

_LIVE: Final = frozenset({"runPolicy"})
"""Everything else that MachineSpec describes is given to the machine when it starts."""

Change = dict[str, Any]


def launch_configuration(machine: Machine) -> dict[str, Any]:
    """As JSON gives it: what was written to a file and read again must compare equal, and a tuple equals no list."""
    spec: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(machine.spec))
    return {member: value for member, value in spec.items() if member not in _LIVE}


def changes_awaiting_restart(machine: Machine, launched_with: dict[str, Any] | None) -> tuple[Change, ...]:
    if launched_with is None:
        return ()
    return tuple(_changes("", launched_with, launch_configuration(machine)))


def _changes(path: str, current: dict[str, Any], desired: dict[str, Any]) -> Iterator[Change]:
    for member in sorted(current.keys() | desired.keys()):
        here = f"{path}.{member}" if path else member
        before, after = current.get(member), desired.get(member)
        if before == after:
            continue
        if isinstance(before, dict) and isinstance(after, dict):
            yield from _changes(here, before, after)
        elif before is None:
            yield {"operation": "add", "path": here, "desiredValue": after}
        elif after is None:
            yield {"operation": "remove", "path": here, "currentValue": before}
        else:
            yield {"operation": "replace", "path": here, "currentValue": before, "desiredValue": after}
