"""What becomes of each code: profile, blocking or advisory, kind of the request."""

from __future__ import annotations

from itertools import product

import pytest

from tests.support.action_table import ROWS, Row
from webhook.api.reference import Reference
from webhook.findings.catalogue import CODES
from webhook.findings.code import Action, Profile
from webhook.findings.finding import Finding
from webhook.findings.policy import Installation, Policy

KINDS = (
    "VirtualDiskSnapshot",
    "VirtualMachineSnapshot",
    "VirtualMachineOperation",
    "VirtualMachineSnapshotOperation",
    "VirtualDisk",
    "DataExport",
)
CASES = [
    pytest.param(row, profile, blocks, id=f"{row.code}-{profile}-{'blocking' if blocks else 'advisory'}")
    for row, profile, blocks in product(ROWS, Profile, (True, False))
    if ("blocking" if blocks else "advisory") in row.actions
]


def finding(code: str, *, blocks: bool) -> Finding:
    return Finding(code, blocks, "spec", "it is so", Reference("VirtualMachine", "default", "linux-vm"))


def test_table_has_every_code_and_class() -> None:
    assert [row.code for row in ROWS] == sorted(CODES)
    assert {row.code for row in ROWS if "blocking" in row.actions} == {n for n, code in CODES.items() if code.blocking}
    assert {row.code for row in ROWS if "advisory" in row.actions} == {n for n, code in CODES.items() if code.advisory}


@pytest.mark.parametrize(("row", "profile", "blocks"), CASES)
def test_with_a_reconciler(row: Row, profile: Profile, blocks: bool) -> None:
    policy = Policy(profile)
    for kind in KINDS:
        expected = row.expected(profile, blocks=blocks, kind=kind)
        if kind == "DataExport" and expected is Action.WAIT:
            expected = Action.WARN
        assert policy.action(finding(row.code, blocks=blocks), kind=kind) is expected, kind


@pytest.mark.parametrize(("row", "profile", "blocks"), [case for case in CASES if Profile.GITOPS not in case.values])
def test_without_a_reconciler_what_would_wait_warns(row: Row, profile: Profile, blocks: bool) -> None:
    policy = Policy(profile, Installation.GUARD)
    for kind in KINDS:
        expected = row.expected(profile, blocks=blocks, kind=kind)
        if expected is Action.WAIT:
            expected = Action.WARN
        assert policy.action(finding(row.code, blocks=blocks), kind=kind) is expected, kind
