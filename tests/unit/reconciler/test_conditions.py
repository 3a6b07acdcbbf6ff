from __future__ import annotations

from datetime import UTC, datetime

import pytest

from webhook.api.meta import Condition
from webhook.reconciler.status.conditions import with_condition

BEFORE, NOW = "2026-01-02T03:04:05Z", datetime(2026, 1, 2, 4, 0, 0, 999_999, tzinfo=UTC)
SPELLED = "2026-01-02T04:00:00Z"


def ready(status: str = "False", reason: str = "Snapshotting", message: str = "") -> Condition:
    return Condition("Ready", status, reason, message, BEFORE, observed_generation=1)


@pytest.mark.parametrize(
    ("status", "reason", "message", "moves"),
    [
        (False, "Snapshotting", "", False),
        (False, "Snapshotting", "1 of 2", False),
        (False, "FileSystemFreezing", "", True),
        (True, "Snapshotting", "", True),
        (None, "Snapshotting", "", True),
    ],
)
def test_time_moves_with_status_and_reason_only(status: bool | None, reason: str, message: str, moves: bool) -> None:
    (after,) = with_condition(
        (ready(),), type="Ready", status=status, reason=reason, message=message, generation=1, now=NOW
    )
    assert after.last_transition_time == (SPELLED if moves else BEFORE)
    assert after.message == message


@pytest.mark.parametrize(("status", "spelled"), [(True, "True"), (False, "False"), (None, "Unknown")])
def test_status_is_spelled_as_kubernetes_does(status: bool | None, spelled: str) -> None:
    (after,) = with_condition((), type="Ready", status=status, reason="R", message="", generation=1, now=NOW)
    assert after.status == spelled


def test_condition_keeps_its_place_and_others_stay() -> None:
    first, last = Condition("A", "True", "R", "", BEFORE), Condition("Z", "True", "R", "", BEFORE)
    after = with_condition(
        (first, ready(), last), type="Ready", status=True, reason="R", message="", generation=2, now=NOW
    )
    assert (after[0], after[1].type, after[2]) == (first, "Ready", last)
    assert after[1].observed_generation == 2
