"""What a step may use of the outside world."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.virtual_disk_snapshot import Phase
from webhook.facts.source import Source
from webhook.findings.policy import CurrentPolicy, Policy
from webhook.machines.driver import MachineDriver
from webhook.reconciler.clock import Clock
from webhook.reconciler.locks import Locks
from webhook.reconciler.settings import ReconcilerSettings
from webhook.reconciler.writes import Writes


class Events(Protocol):
    async def record(
        self,
        kind: Kind[Object],
        subject: Object,
        *,
        reason: str,
        message: str,
        type: str = "Normal",  # noqa: A002 - the API's own name
    ) -> None:
        """Tell people. Never raises: a lost event must not stop the work it tells of."""
        ...


class FreezeObserver(Protocol):
    def thawed(self, seconds: float) -> None:
        """A guest was frozen for so many seconds."""
        ...


class RestoreObserver(Protocol):
    def restore_undone(self) -> None:
        """A machine that was stopped for a restore is as it was before."""
        ...


@dataclass(frozen=True, slots=True)
class Cluster:
    source: Source
    writes: Writes
    machines: MachineDriver
    events: Events
    freezes: FreezeObserver
    restores: RestoreObserver
    clock: Clock
    policy: CurrentPolicy
    settings: ReconcilerSettings
    claims: Locks = field(default_factory=Locks)
    """By machine (namespace, name): whoever gives a claim back keeps it until everybody can see that it is closed."""
    beginnings: Locks = field(default_factory=Locks)
    """By namespace: what an operation takes is seen by everybody before the next is judged."""
    thawing: set[tuple[str, str]] = field(default_factory=set)
    """Machines (namespace, name) that were asked to thaw and are not yet seen thawed: "frozen" is not true of them any
    more. Lost with the process, and then so is the stale cache that it guards against."""

    def policy_for(self, phase: str) -> Policy:
        policy = self.policy()
        return policy.for_what_already_waits() if phase == Phase.PENDING else policy
