"""What makes a simulated guest misbehave: annotations of its VirtualMachine. lab/README.md lists them for users."""

from __future__ import annotations

from typing import Final

from lab.machines.kinds import Machine

AGENT: Final = "lab.snapgate/agent"
"""`"false"` runs the machine without a guest agent."""
FREEZE: Final = "lab.snapgate/freeze"
"""`"refused"`: the agent is there and cannot freeze the file systems."""
FREEZE_SECONDS: Final = "lab.snapgate/freeze-seconds"
"""How long the guest takes to freeze, as a busy one does while it writes its caches out."""


def has_agent(machine: Machine) -> bool:
    return machine.metadata.annotations.get(AGENT) != "false"


def refuses_to_freeze(machine: Machine) -> bool:
    return machine.metadata.annotations.get(FREEZE) == "refused"


def freezing_seconds(machine: Machine, otherwise: float) -> float:
    """A text that is no number counts as absent: nothing validates annotations when they are written."""
    try:
        return max(0.0, float(machine.metadata.annotations.get(FREEZE_SECONDS, "")))
    except ValueError:
        return otherwise
