"""VirtualMachineSnapshotOperation of type CreateVirtualMachine: what the page asks before a snapshot is copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.reference import Reference
from webhook.facts.facts import Facts
from webhook.findings.finding import Finding
from webhook.planning.situation import CopySituation
from webhook.rules.copy_names import check_names
from webhook.rules.copying import consequences, copy_has_its_dependencies
from webhook.rules.quota import quota_suffices
from webhook.rules.snapshot_source import snapshot_is_usable

SNAPSHOT_FIELD: Final = "spec.virtualMachineSnapshotName"


def check_snapshot_copy(subject: Reference, situation: CopySituation, facts: Facts) -> Iterator[Finding]:
    yield from check_names(subject, situation, facts)
    if situation.source is not None:
        yield from snapshot_is_usable(subject, situation.source, facts, field=SNAPSHOT_FIELD, naming=situation.naming)
    if situation.blueprint is not None:
        yield from copy_has_its_dependencies(situation, situation.blueprint, facts)
        yield from quota_suffices(subject, situation.plan, situation.blueprint, facts, field=situation.block)
        yield from consequences(subject, situation, situation.blueprint)
