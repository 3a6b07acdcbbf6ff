from __future__ import annotations

from datetime import UTC, datetime, timedelta

from webhook.reconciler.pace import Pace

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_burst_goes_at_once_and_the_rest_get_turns_one_after_another() -> None:
    pace = Pace(per_second=2, burst=3)
    assert [pace.wait_seconds(number, NOW) for number in range(6)] == [0, 0, 0, 0.5, 1.0, 1.5]


def test_whoever_comes_back_in_time_keeps_the_turn_and_has_it_once() -> None:
    pace = Pace(per_second=2, burst=1)
    pace.wait_seconds("first", NOW)
    assert pace.wait_seconds("second", NOW) == 0.5
    assert pace.wait_seconds("second", NOW + timedelta(seconds=0.25)) == 0.25
    assert pace.wait_seconds("second", NOW + timedelta(seconds=0.5)) == 0
    assert pace.wait_seconds("second", NOW + timedelta(seconds=0.5)) > 0


def test_a_turn_that_was_given_up_is_not_kept() -> None:
    pace = Pace(per_second=1, burst=1)
    pace.wait_seconds("first", NOW)
    pace.wait_seconds("second", NOW)
    pace.give_up("second")
    assert pace.wait_seconds("second", NOW) == 2.0


def test_what_was_not_used_is_saved_up_to_one_burst() -> None:
    pace = Pace(per_second=1, burst=2)
    for number in range(2):
        pace.wait_seconds(number, NOW)
    later = NOW + timedelta(hours=1)
    assert [pace.wait_seconds(number, later) for number in range(3)] == [0, 0, 1.0]
