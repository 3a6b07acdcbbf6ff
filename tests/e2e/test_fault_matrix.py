"""Every write of every operation fails once, against the real API server, and it ends as if nothing had happened.

In full, each write with each fault: `python -m bench.faults`.
"""

from __future__ import annotations

from tests.e2e.conftest import LAB
from tests.support.faults import Fault
from tests.support.matrix.laboratory import AT_ONCE, enumerated, matrix, strikes
from tests.support.matrix.runs import Result
from tests.support.matrix.table import table


async def test_every_write_point_with_one_fault() -> None:
    async with matrix(f"{LAB}-faults") as found:
        undisturbed = await enumerated(found)
        assert {each.run.operation.name: each.problems for each in undisturbed if each.problems} == {}
        results = await found.all(strikes(undisturbed, Fault, each=False), at_once=AT_ONCE)

    shown = table(results)
    print(shown)  # noqa: T201 - the matrix itself, for whoever runs with -s or reads a failure
    assert not any(each.problems for each in results), shown
    # A run that says less of what it waits for has fewer writes than the undisturbed one.
    assert all(each.struck_at or not has_the_write(each) for each in results), shown
    assert sum(bool(each.struck_at) for each in results) > 0.8 * len(results), shown


def has_the_write(result: Result) -> bool:
    return result.run.strike is not None and len(result.writes) > result.run.strike[0]
