from __future__ import annotations

from webhook.kube.backoff import Backoff


def delays(backoff: Backoff, count: int) -> list[float]:
    return [backoff.next() for _ in range(count)]


def test_delays_double_up_to_half_the_longest() -> None:
    backoff = Backoff(first_seconds=0.8, longest_seconds=30.0, random=lambda: 0.0)
    assert delays(backoff, 7) == [0.8, 1.6, 3.2, 6.4, 12.8, 15.0, 15.0]


def test_jitter_at_most_doubles_a_delay_and_never_exceeds_the_longest() -> None:
    backoff = Backoff(first_seconds=0.8, longest_seconds=30.0, random=lambda: 1.0)
    assert delays(backoff, 6) == [1.6, 3.2, 6.4, 12.8, 25.6, 30.0]


def test_reset_starts_over() -> None:
    backoff = Backoff(first_seconds=0.8, longest_seconds=30.0, random=lambda: 0.0)
    delays(backoff, 4)
    backoff.reset()
    assert backoff.next() == 0.8


def test_the_server_is_given_the_time_it_asks_for() -> None:
    backoff = Backoff(first_seconds=0.8, longest_seconds=30.0, random=lambda: 0.5)
    assert backoff.next(60.0) == 60.4


def test_a_hundred_failures_in_a_row_do_not_overflow() -> None:
    backoff = Backoff(first_seconds=0.8, longest_seconds=30.0, random=lambda: 0.0)
    assert delays(backoff, 2000)[-1] == 15.0
