"""The Secret with a saved machine: only those who take snapshots write it, and they are let through before this."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from webhook.api.reference import Reference
from webhook.api.secret import SNAPSHOT_SECRET_TYPE, Secret
from webhook.facts.facts import Facts
from webhook.findings.content import SNAPSHOT_CONTENT_PROTECTED
from webhook.findings.finding import Finding

TYPE_FIELD: Final = "type"
DATA_FIELD: Final = "data"
NAME_FIELD: Final = "metadata.name"


def content_is_not_forged(subject: Reference, secret: Secret, _: Facts) -> Iterator[Finding]:
    """Whoever guesses the name of a snapshot's Secret could say what is restored."""
    if secret.type == SNAPSHOT_SECRET_TYPE:
        yield SNAPSHOT_CONTENT_PROTECTED.found(
            subject=subject,
            field=TYPE_FIELD,
            message=f"Secrets of type {SNAPSHOT_SECRET_TYPE} are made by snapshots only",
            remedy="take a VirtualMachineSnapshot, or use another type",
        )


def content_is_unchanged(subject: Reference, _: Secret, secret: Secret, facts: Facts) -> Iterator[Finding]:
    """Judged only where the data differs. The type of a Secret cannot change."""
    if secret.type == SNAPSHOT_SECRET_TYPE:
        owner = facts.machine_snapshot_with(secret)
        yield _protected(subject, DATA_FIELD, owner)


def content_is_not_needed(subject: Reference, secret: Secret, facts: Facts) -> Iterator[Finding]:
    """What no snapshot has any more may be cleared away."""
    owner = facts.machine_snapshot_with(secret)
    if secret.type == SNAPSHOT_SECRET_TYPE and owner:
        yield _protected(subject, NAME_FIELD, owner)


def _protected(subject: Reference, field: str, owner: str) -> Finding:
    of_whom = f"VirtualMachineSnapshot {owner}" if owner else "a VirtualMachineSnapshot that is gone"
    remedy = f"delete the snapshot instead: kubectl delete vmsnapshot {owner}" if field == NAME_FIELD else None
    return SNAPSHOT_CONTENT_PROTECTED.found(
        subject=subject,
        field=field,
        message=f"the Secret holds the machine that {of_whom} saved",
        remedy=remedy or "take another snapshot, and leave this one as it is",
    )
