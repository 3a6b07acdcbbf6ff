"""A pod's status as a value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final

from lab.nodes.settings import NODE_ADDRESS


@dataclass(frozen=True, slots=True)
class Waiting:
    reason: str
    message: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    since: datetime


@dataclass(frozen=True, slots=True)
class Terminated:
    exit_code: int
    since: datetime
    at: datetime

    @property
    def succeeded(self) -> bool:
        return self.exit_code == 0


ContainerState = Waiting | Running | Terminated


@dataclass(frozen=True, slots=True)
class PodState:
    """What the node knows. Changed by `replace`."""

    container: str
    image: str
    started_at: datetime
    address: str = ""
    state: ContainerState = field(default_factory=lambda: Waiting("ContainerCreating"))
    last: Terminated | None = None
    restarts: int = 0
    started: bool = False
    ready: bool = False
    final: bool = False
    """The container will not be started again."""
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
    """When each condition last changed."""

    @property
    def phase(self) -> str:
        match self.state:
            case Terminated() if self.final:
                return "Succeeded" if self.state.succeeded else "Failed"
            case Waiting() if self.last is None:
                return "Failed" if self.final else "Pending"
            case _:
                return "Running"

    @property
    def conditions(self) -> Mapping[str, bool]:
        ready = self.ready and isinstance(self.state, Running)
        return {
            "PodScheduled": True,
            "PodReadyToStartContainers": bool(self.address) and not self.final,
            "Initialized": True,
            "ContainersReady": ready,
            "Ready": ready,
        }

    def becoming(self, now: datetime, **changes: Any) -> PodState:
        """Changed; conditions that have changed with it are so since `now`."""
        changed = replace(self, **changes)
        moments = {
            name: self.changed_at.get(name, now) if self.conditions[name] == value else now
            for name, value in changed.conditions.items()
        }
        return replace(changed, changed_at=moments)


def status_of(state: PodState, generation: int) -> dict[str, Any]:
    """For a strategic merge patch: conditions of others stay."""
    status: dict[str, Any] = {
        "observedGeneration": generation,
        "phase": state.phase,
        "hostIP": str(NODE_ADDRESS),
        "hostIPs": [{"ip": str(NODE_ADDRESS)}],
        "startTime": timestamp(state.started_at),
        "conditions": [_condition(state, name, value=value) for name, value in state.conditions.items()],
        "containerStatuses": [_container_status(state)],
    }
    if state.address:
        status |= {"podIP": state.address, "podIPs": [{"ip": state.address}]}
    if state.phase == "Failed" and isinstance(state.state, Waiting):
        status |= {"reason": state.state.reason, "message": state.state.message}
    return status


def timestamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _condition(state: PodState, name: str, *, value: bool) -> dict[str, Any]:
    condition: dict[str, Any] = {
        "type": name,
        "status": "True" if value else "False",
        "lastTransitionTime": timestamp(state.changed_at.get(name, state.started_at)),
    }
    if not value and name in _READINESS:
        done = state.final and isinstance(state.state, Terminated)
        condition["reason"] = "PodCompleted" if done else "ContainersNotReady"
        condition["message"] = f"containers with unready status: [{state.container}]"
    return condition


_READINESS: Final = frozenset({"Ready", "ContainersReady"})


def _container_status(state: PodState) -> dict[str, Any]:
    return {
        "name": state.container,
        "image": state.image,
        "imageID": "lab://checkout",
        "containerID": f"lab://{state.restarts}",
        "ready": state.conditions["Ready"],
        "started": state.started,
        "restartCount": state.restarts,
        "state": _state(state.state),
        "lastState": _state(state.last) if state.last is not None else {},
    }


def _state(state: ContainerState) -> dict[str, Any]:
    match state:
        case Waiting(reason, message):
            return {"waiting": {"reason": reason, "message": message}}
        case Running(since):
            return {"running": {"startedAt": timestamp(since)}}
        case Terminated():
            reason = "Completed" if state.succeeded else "Error"
            times = {"startedAt": timestamp(state.since), "finishedAt": timestamp(state.at)}
            return {"terminated": {"exitCode": state.exit_code, "reason": reason, **times}}
