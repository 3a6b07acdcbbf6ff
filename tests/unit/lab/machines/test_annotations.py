from __future__ import annotations

import pytest

from lab.machines.annotations import FREEZE_SECONDS, freezing_seconds
from tests.support.machine_side import machine


@pytest.mark.parametrize(("text", "seconds"), [("2.5", 2.5), ("-1", 0.0), ("soon", 0.1), ("", 0.1)])
def test_freeze_takes_as_long_as_asked(text: str, seconds: float) -> None:
    assert freezing_seconds(machine(annotations={FREEZE_SECONDS: text}), 0.1) == seconds


def test_freeze_takes_its_usual_time_otherwise() -> None:
    assert freezing_seconds(machine(), 0.1) == 0.1
