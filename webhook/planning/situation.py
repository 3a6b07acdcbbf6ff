"""An operation together with all that it is about, looked up once for its rules and its plan."""

from __future__ import annotations

from msgspec import Struct

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


class Source(Struct, frozen=True):
    """What is made something of: a snapshot, with its saved settings or why they cannot be used."""

    name: str
    snapshot: MachineSnapshot | None
    content: SavedContent | None = None
    unusable: str = ""

    @property
    def blueprint(self) -> Blueprint | None:
        if self.snapshot is None or self.content is None:
            return None
        return blueprint_of_snapshot(self.snapshot, self.content)


class RestoreSituation(Struct, frozen=True):
    operation: VirtualMachineOperation
    mode: str
    machine: Machine | None
    source: Source
    blueprint: Blueprint | None
    plan: Plan

    @property
    def best_effort(self) -> bool:
        """What DryRun finds is what Strict finds."""
        return self.mode == Mode.BEST_EFFORT


class CopySituation(Struct, frozen=True):
    operation: AnyOperation
    copy: CopySpec
    block: str
    """Field path of the copy's settings."""
    naming: Naming
    machine: Machine | None
    """The machine to clone; None when it does not exist, or when the copy is made from a snapshot."""
    source: Source | None
    """The snapshot to copy from; None when a machine is cloned."""
    blueprint: Blueprint | None
    plan: Plan

    @property
    def mode(self) -> str:
        return self.copy.mode

    @property
    def best_effort(self) -> bool:
        return self.mode == Mode.BEST_EFFORT


def restore_situation(operation: VirtualMachineOperation, restore: RestoreSpec, facts: Facts) -> RestoreSituation:
    machine = facts.machine(operation.spec.virtual_machine_name)
    source = read_source(restore.virtual_machine_snapshot_name, facts)
    blueprint = source.blueprint
    plan = NOTHING
    of_this_machine = source.snapshot is not None and source.snapshot.machine == operation.spec.virtual_machine_name
    if machine is not None and blueprint is not None and of_this_machine:
        plan = plan_restore(machine, blueprint, restore.mode, facts)
    return RestoreSituation(operation, restore.mode, machine, source, blueprint, plan)


def clone_situation(operation: VirtualMachineOperation, copy: CopySpec, facts: Facts) -> CopySituation:
    machine = facts.machine(operation.spec.virtual_machine_name)
    blueprint = blueprint_of_machine(machine, facts) if machine is not None else None
    naming = naming_of(copy)
    plan = NOTHING
    if blueprint is not None:
        plan = plan_clone(blueprint, naming, copy.mode, facts, operation_uid=operation.metadata.uid)
    return CopySituation(operation, copy, "spec.clone", naming, machine, None, blueprint, plan)


def copy_situation(operation: VirtualMachineSnapshotOperation, copy: CopySpec, facts: Facts) -> CopySituation:
    source = read_source(operation.spec.virtual_machine_snapshot_name, facts)
    blueprint = source.blueprint
    naming = naming_of(copy)
    plan = plan_copy(blueprint, naming, copy.mode, facts) if blueprint is not None else NOTHING
    return CopySituation(operation, copy, "spec.createVirtualMachine", naming, None, source, blueprint, plan)


def objects_made_by(operation: AnyOperation, facts: Facts) -> tuple[Reference, ...]:
    """Names that the operation is going to take, from its plan."""
    return plan_of(operation, facts).objects(StepKind.CREATE, StepKind.REPLACE, StepKind.ATTACH)


def plan_of(operation: AnyOperation, facts: Facts) -> Plan:
    block = block_of(operation)
    if isinstance(operation, VirtualMachineSnapshotOperation):
        return copy_situation(operation, block, facts).plan if isinstance(block, CopySpec) else NOTHING
    if isinstance(block, RestoreSpec):
        return restore_situation(operation, block, facts).plan
    return clone_situation(operation, block, facts).plan if block is not None else NOTHING


def read_source(name: str, facts: Facts) -> Source:
    snapshot = facts.machine_snapshot(name)
    if snapshot is None or not snapshot.secret_name:
        return Source(name, snapshot)
    secret = facts.get(SECRET, snapshot.secret_name)
    if secret is None:
        return Source(name, snapshot, unusable=f"Secret {snapshot.secret_name} is gone")
    try:
        return Source(name, snapshot, read_saved(secret))
    except ContentError as error:
        return Source(name, snapshot, unusable=str(error))
