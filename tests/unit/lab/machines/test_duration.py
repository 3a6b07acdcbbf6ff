from __future__ import annotations

from datetime import timedelta

import pytest

from lab.machines.duration import parse_duration


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("0s", 0),
        ("30s", 30),
        ("1h30m", 5400),
        ("1.5s", 1.5),
        (".5s", 0.5),
        ("300ms", 0.3),
        ("250us", 0.00025),
        ("250µs", 0.00025),
        ("1m0.5s", 60.5),
        ("-2s", -2),
        ("+2s", 2),
    ],
)
def test_go_duration_is_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "s", "5", "5 s", "1h 30m", "5d", "--5s", "5s!", "1.2.3s"])
def test_what_go_refuses_is_no_duration(text: str) -> None:
    assert parse_duration(text) is None
