from __future__ import annotations

import pytest

from lab.machines.conditions import Observation, observed
from tests.support.machine_side import EARLIER, NOW
from webhook.api.meta import Condition

BEFORE = Condition("Ready", "True", "Ready", "", EARLIER, 1)


@pytest.mark.parametrize(
    ("observation", "since"),
    [
        (Observation("Ready", True, "Ready", "a new message"), EARLIER),
        (Observation("Ready", True, "Other"), NOW),
        (Observation("Ready", False, "Ready"), NOW),
    ],
    ids=["same status and reason", "new reason", "new status"],
)
def test_transition_time_changes_with_status_and_reason(observation: Observation, since: str) -> None:
    (found,) = observed((BEFORE,), [observation], owned={"Ready"}, generation=2, now=NOW)
    assert (found.last_transition_time, found.observed_generation) == (since, 2)


def test_owned_condition_that_is_not_observed_is_dropped() -> None:
    assert observed((BEFORE,), [], owned={"Ready"}, generation=1, now=NOW) == ()


def test_condition_of_others_is_kept_untouched() -> None:
    assert observed((BEFORE,), [], owned=set(), generation=2, now=NOW) == (BEFORE,)
