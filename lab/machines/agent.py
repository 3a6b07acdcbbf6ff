"""Freezing and thawing a guest on request, with the refusals of the platform's API."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from lab.machines.freezing import Freezes
from lab.machines.hypervisor import Hypervisor
from lab.machines.kinds import MACHINE, Machine
from lab.machines.refusal import RefusedError, conflict, not_found
from webhook.api.virtual_machine import Phase


class GuestAgents:
    def __init__(self, machine: Callable[[str, str], Machine | None], freezes: Freezes, hypervisor: Hypervisor) -> None:
        self._machine = machine
        self._freezes = freezes
        self._hypervisor = hypervisor
        self._freezing: set[str] = set()

    async def freeze(self, namespace: str, name: str, thaw_after: timedelta) -> None:
        """Raises RefusedError."""
        machine = self._frozen_candidate(namespace, name)
        uid = machine.metadata.uid
        if uid in self._freezing:
            raise _already_frozen(name)
        self._freezing.add(uid)
        try:
            await self._hypervisor.freeze(machine)
            try:
                self._note(uid, namespace, name, thaw_after)
            except RefusedError:
                await self._hypervisor.thaw(uid)  # what nobody is told of has no deadline
                raise
        finally:
            self._freezing.discard(uid)

    def _note(self, uid: str, namespace: str, name: str, thaw_after: timedelta) -> None:
        """The machine is looked up again: it may have stopped, or be another one of the same name by now."""
        if self._frozen_candidate(namespace, name).metadata.uid != uid:
            raise conflict(MACHINE, name, f"VirtualMachine {name} was re-created meanwhile; try again")
        self._freezes.freeze(uid, namespace, name, thaw_after)

    async def thaw(self, namespace: str, name: str) -> None:
        """Raises RefusedError. Thawing what is not frozen succeeds."""
        uid = self._running(namespace, name).metadata.uid
        if self._freezes.is_frozen(uid):
            await self._hypervisor.thaw(uid)
            self._freezes.thaw(uid)

    def _frozen_candidate(self, namespace: str, name: str) -> Machine:
        machine = self._running(namespace, name)
        if self._freezes.is_frozen(machine.metadata.uid):
            raise _already_frozen(name)
        return machine

    def _running(self, namespace: str, name: str) -> Machine:
        machine = self._machine(namespace, name)
        if machine is None:
            raise not_found(MACHINE, name)
        if machine.status.phase != Phase.RUNNING:
            state = machine.status.phase or "not started"
            raise conflict(MACHINE, name, f"VirtualMachine {name} is {state}; only a running machine has a guest agent")
        return machine


def _already_frozen(name: str) -> RefusedError:
    return conflict(MACHINE, name, f"the file systems of VirtualMachine {name} are already frozen")
