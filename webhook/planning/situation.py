"""An operation together with all that it is about, looked up once for its rules and its plan.

Nothing is looked up before it is asked for: what cannot be read raises UnreadableError only where it matters.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from functools import cached_property

from webhook.api.operation import CopySpec, Mode
from webhook.api.reference import Reference
from webhook.api.secret import SECRET
from webhook.api.virtual_machine_operation import RestoreSpec, VirtualMachineOperation
from webhook.api.virtual_machine_snapshot_operation import VirtualMachineSnapshotOperation
from webhook.content.saved import ContentError, SavedContent, read_saved
from webhook.facts.facts import Facts
from webhook.facts.machine import Machine
from webhook.facts.machine_snapshot import MachineSnapshot
from webhook.facts.operations import AnyOperation
from webhook.facts.unfinished import block_of
from webhook.planning.blueprint import Blueprint, blueprint_of_machine, blueprint_of_snapshot
from webhook.planning.clone import plan_clone, plan_copy
from webhook.planning.naming import Naming, naming_of
from webhook.planning.plan import NOTHING, Plan, StepKind
from webhook.planning.restore import plan_restore


@dataclass(frozen=True)
class Source:
    """What is made something of: a snapshot, with its saved settings or why they cannot be used."""

    name: str
    facts: Facts = field(repr=False)

    @cached_property
    def snapshot(self) -> MachineSnapshot | None:
        return self.facts.machine_snapshot(self.name)

    @property
    def content(self) -> SavedContent | None:
        return self._saved[0]

    @property
    def unusable(self) -> str:
        return self._saved[1]

    @property
    def blueprint(self) -> Blueprint | None:
        if self.snapshot is None or self.content is None:
            return None
        return blueprint_of_snapshot(self.snapshot, self.content)

    @cached_property
    def _saved(self) -> tuple[SavedContent | None, str]:
        if self.snapshot is None or not self.snapshot.secret_name:
            return None, ""
        secret = self.facts.get(SECRET, self.snapshot.secret_name)
        if secret is None:
            return None, f"Secret {self.snapshot.secret_name} is gone"
        try:
            return read_saved(secret), ""
        except ContentError as error:
            return None, str(error)


@dataclass(frozen=True)
class RestoreSituation:
    operation: VirtualMachineOperation
    restore: RestoreSpec
    facts: Facts = field(repr=False)

    @property
    def machine_name(self) -> str:
        return self.operation.spec.virtual_machine_name

    @cached_property
    def machine(self) -> Machine | None:
        return self.facts.machine(self.machine_name)

    @cached_property
    def source(self) -> Source:
        return Source(self.restore.virtual_machine_snapshot_name, self.facts)

    @cached_property
    def blueprint(self) -> Blueprint | None:
        return self.source.blueprint

    @cached_property
    def plan(self) -> Plan:
        machine, blueprint, snapshot = self.machine, self.blueprint, self.source.snapshot
        if machine is None or blueprint is None or snapshot is None or snapshot.machine != self.machine_name:
            return NOTHING
        return plan_restore(machine, blueprint, self.restore.mode, self.facts)

    @property
    def best_effort(self) -> bool:
        """What DryRun finds is what Strict finds."""
        return self.restore.mode == Mode.BEST_EFFORT


@dataclass(frozen=True)
class CopySituation(ABC):
    operation: AnyOperation
    copy: CopySpec
    facts: Facts = field(repr=False)

    @property
    @abstractmethod
    def block(self) -> str:
        """Field path of the copy's settings."""

    @property
    @abstractmethod
    def blueprint(self) -> Blueprint | None: ...

    @cached_property
    def plan(self) -> Plan:
        return NOTHING if self.blueprint is None else self._plan_of(self.blueprint)

    @abstractmethod
    def _plan_of(self, blueprint: Blueprint) -> Plan: ...

    @cached_property
    def naming(self) -> Naming:
        return naming_of(self.copy)

    @property
    def best_effort(self) -> bool:
        return self.copy.mode == Mode.BEST_EFFORT


@dataclass(frozen=True)
class CloneSituation(CopySituation):
    """Of a copy that is made of a machine as it is."""

    operation: VirtualMachineOperation

    @property
    def block(self) -> str:
        return "spec.clone"

    @property
    def machine_name(self) -> str:
        return self.operation.spec.virtual_machine_name

    @cached_property
    def machine(self) -> Machine | None:
        return self.facts.machine(self.machine_name)

    @cached_property
    def blueprint(self) -> Blueprint | None:
        return blueprint_of_machine(self.machine, self.facts) if self.machine is not None else None

    def _plan_of(self, blueprint: Blueprint) -> Plan:
        uid = self.operation.metadata.uid
        return plan_clone(blueprint, self.naming, self.copy.mode, self.facts, operation_uid=uid)


@dataclass(frozen=True)
class SnapshotCopySituation(CopySituation):
    """Of a copy that is made of a snapshot."""

    operation: VirtualMachineSnapshotOperation

    @property
    def block(self) -> str:
        return "spec.createVirtualMachine"

    @cached_property
    def source(self) -> Source:
        return Source(self.operation.spec.virtual_machine_snapshot_name, self.facts)

    @cached_property
    def blueprint(self) -> Blueprint | None:
        return self.source.blueprint

    def _plan_of(self, blueprint: Blueprint) -> Plan:
        return plan_copy(blueprint, self.naming, self.copy.mode, self.facts)


def objects_made_by(operation: AnyOperation, facts: Facts) -> tuple[Reference, ...]:
    """Names that the operation is going to take, from its plan."""
    return plan_of(operation, facts).objects(StepKind.CREATE, StepKind.REPLACE, StepKind.ATTACH)


def plan_of(operation: AnyOperation, facts: Facts) -> Plan:
    block = block_of(operation)
    if isinstance(operation, VirtualMachineSnapshotOperation):
        return SnapshotCopySituation(operation, block, facts).plan if isinstance(block, CopySpec) else NOTHING
    if isinstance(block, RestoreSpec):
        return RestoreSituation(operation, block, facts).plan
    return CloneSituation(operation, block, facts).plan if block is not None else NOTHING
