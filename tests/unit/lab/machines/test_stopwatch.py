from __future__ import annotations

from lab.machines.stopwatch import Stopwatch


def test_time_counts_from_when_a_phase_was_first_seen() -> None:
    times = iter([10.0, 12.5, 13.0, 14.0])
    stopwatch = Stopwatch(lambda: next(times))
    assert [stopwatch.seconds_in("uid", phase) for phase in ("Starting", "Starting", "Running", "Running")] == [
        0.0,
        2.5,
        0.0,
        1.0,
    ]
