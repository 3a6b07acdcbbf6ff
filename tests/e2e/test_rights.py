"""The rights that the chart grants, against what the audit log saw. conftest puts it at the end of the run."""

from __future__ import annotations

from typing import Final

import pytest

from lab.snapgate.installation import NAMESPACE
from tests.e2e.conftest import RIGHTS_REPORT, WHOLE
from tests.support.audited_rights import granted, refused, used
from tests.support.chart import rendered
from tests.support.lab import RunningLab

NOT_SEEN: Final = {
    "asked for by the admission plugin OwnerReferencesPermissionEnforcement, not by a request of its own": {
        "snapgate-reconciler: update virtualmachineoperations/finalizers.virtualization.deckhouse.io",
    },
}
"""Rights that are needed, and why no run uses them."""


def test_nothing_was_asked_for_that_the_chart_does_not_grant(lab: RunningLab) -> None:
    """An API server that has just started refuses for a moment what it grants: it has not read the roles yet."""
    missing = refused(lab.whole_audit(), NAMESPACE) - granted(rendered())
    assert {str(right) for right in missing} == set()


def test_what_was_used_is_what_was_granted(lab: RunningLab, request: pytest.FixtureRequest) -> None:
    """A run of a few tests uses little: then what nobody used is only reported."""
    grants, uses = granted(rendered()), used(lab.whole_audit(), NAMESPACE)
    ours = {right for right in uses if right.account in {grant.account for grant in grants}}
    assert ours
    # What every authenticated account may do (system:discovery and the like) is not the chart's to grant.
    assert {str(right) for right in ours - grants if right.verb != "get" or right.group} == set()

    unused = {str(right) for right in grants - uses if not right.account.endswith("self-test")}
    RIGHTS_REPORT.parent.mkdir(parents=True, exist_ok=True)
    RIGHTS_REPORT.write_text("".join(f"{right}\n" for right in sorted(unused)))
    excused = set().union(*NOT_SEEN.values())
    assert {str(right) for right in grants} >= excused
    if request.config.stash[WHOLE] and not request.session.testsfailed:
        assert unused - excused == set()
