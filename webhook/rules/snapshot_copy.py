"""VirtualMachineSnapshotOperation of type CreateVirtualMachine: what the page asks before a snapshot is copied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.reference import Reference
from webhook.facts.facts import Facts
from webhook.findings.finding import Finding
from webhook.planning.situation import SnapshotCopySituation
from webhook.rules.copy_names import check_names
from webhook.rules.copying import copy_is_possible
from webhook.rules.snapshot_source import snapshot_is_usable

SNAPSHOT_FIELD: Final = "spec.virtualMachineSnapshotName"


def check_snapshot_copy(subject: Reference, situation: SnapshotCopySituation, facts: Facts) -> Iterator[Finding]:
    yield from facts.each(
        check_names(subject, situation, facts),
        snapshot_is_usable(subject, situation.source, facts, field=SNAPSHOT_FIELD, naming=situation.naming),
        copy_is_possible(subject, situation, facts),
    )
