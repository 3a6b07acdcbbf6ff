from __future__ import annotations

import pytest

from webhook.service.budget import budget_seconds


@pytest.mark.parametrize(
    ("timeout", "seconds"),
    [
        ("10s", 9.5),
        ("1m0s", 29.5),
        ("1.5s", 1.0),
        ("1500ms", 1.0),
        ("2s500ms", 2.0),
        ("400ms", 0.1),
        ("0s", 9.5),
        (None, 9.5),
        ("", 9.5),
        ("10", 9.5),
        ("-5s", 9.5),
        ("soon", 9.5),
        ("9" * 400 + "h", 29.5),
    ],
)
def test_budget_is_what_the_caller_waits_less_a_margin(timeout: str | None, seconds: float) -> None:
    assert budget_seconds(timeout) == pytest.approx(seconds)
