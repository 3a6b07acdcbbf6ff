from __future__ import annotations

from typing import Any

import pytest

from webhook.kube.election_settings import STANDARD_ELECTION, ElectionSettings, election_settings


@pytest.mark.parametrize(
    "given",
    [
        {"call_seconds": 0.0},
        {"call_seconds": 2.0},
        {"retry_seconds": 10.0},
        {"renew_deadline_seconds": 14.0},
        {"margin_seconds": 0.0},
        {"lease_seconds": 10},
    ],
)
def test_times_that_cannot_be_safe_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="needed"):
        ElectionSettings(**given)


def test_a_lease_lasts_whole_seconds() -> None:
    with pytest.raises(TypeError):
        ElectionSettings(lease_seconds=15.0)  # type: ignore[arg-type]  # that is what is refused


@pytest.mark.parametrize("seconds", [3, 5, 15, 300])
def test_other_waits_follow_the_length_of_the_lease(seconds: int) -> None:
    settings = election_settings(seconds)
    assert settings.lease_seconds == seconds
    assert settings.renew_deadline_seconds == pytest.approx(seconds * 2 / 3)


def test_the_standard_length_gives_the_standard_settings() -> None:
    assert election_settings(STANDARD_ELECTION.lease_seconds) == STANDARD_ELECTION
