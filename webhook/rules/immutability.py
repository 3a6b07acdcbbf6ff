"""Specs that no one may edit."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.meta import Object
from webhook.api.reference import Reference
from webhook.findings.across import SPEC_IMMUTABLE
from webhook.findings.finding import Finding


def spec_is_unchanged(subject: Reference, *, new: Object | None, old: Object | None, instead: str) -> Iterator[Finding]:
    """Also CEL in our CRDs; the platform's own CRDs do not have it.

    Nothing is asked of an object on its way out: a refusal would keep its finalizers.
    """
    if new is None or old is None or old.metadata.deleting:
        return
    if getattr(new, "spec", None) != getattr(old, "spec", None):
        yield SPEC_IMMUTABLE.found(
            subject=subject,
            field="spec",
            message=f"the spec of {subject} cannot change after creation",
            remedy=f"create another {instead} instead",
        )
