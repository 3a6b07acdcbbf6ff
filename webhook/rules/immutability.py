"""Specs that no one may edit."""

from __future__ import annotations

from collections.abc import Iterator

from webhook.api.reference import Reference
from webhook.findings.catalogue import SPEC_IMMUTABLE
from webhook.findings.finding import Finding


def spec_is_unchanged(subject: Reference, *, spec: object, old_spec: object) -> Iterator[Finding]:
    """Also CEL in our CRDs; the platform's own CRDs do not have it."""
    if spec != old_spec:
        yield SPEC_IMMUTABLE.found(
            subject=subject,
            field="spec",
            message=f"the spec of {subject} cannot change after creation",
            remedy="create another snapshot instead",
        )
