from typing import Any

import pytest

from lab.probes import are_established


def crd(conditions: Any) -> dict[str, Any]:
    return {"status": {"conditions": conditions}}


ESTABLISHED = {"type": "Established", "status": "True"}


@pytest.mark.parametrize(
    ("crds", "established"),
    [
        ([crd([ESTABLISHED]), crd([{"type": "NamesAccepted", "status": "True"}, ESTABLISHED])], True),
        ([crd([ESTABLISHED]), crd([{"type": "Established", "status": "False"}])], False),
        ([crd(None)], False),
        ([{}], False),
    ],
    ids=["all", "not all", "conditions are null", "no status"],
)
def test_crds_are_established_when_each_says_so(crds: list[dict[str, Any]], *, established: bool) -> None:
    assert are_established(crds) is established
