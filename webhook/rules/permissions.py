"""Whether its author may do by hand what an operation does."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from webhook.facts.request import Request
from webhook.facts.user import Access
from webhook.findings.across import PERMISSION_MISSING
from webhook.findings.finding import Finding


def permissions_suffice(request: Request) -> Iterator[Finding]:
    """One finding with all that is missing. Where nobody was asked (`refused` is None), nothing is said."""
    if request.user is None or not request.refused:
        return
    yield PERMISSION_MISSING.found(
        subject=request.subject,
        field="spec",
        message=f"user {request.user.username} may not {_listed(request.refused)} in namespace {request.namespace}",
        remedy="ask for a Role that allows it; to check: "
        f"kubectl auth can-i {min(request.refused)} -n {request.namespace}",
    )


def _listed(refused: Iterable[Access]) -> str:
    """`create virtualdisks, delete virtualdisks data root`."""
    by_resource = groupby(sorted(refused), key=lambda each: (each.verb, each.resource))
    return ", ".join(" ".join((*what, *(each.name for each in found if each.name))) for what, found in by_resource)
