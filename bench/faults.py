"""The crash matrix: every write of every operation with every fault, against the real API server and real storage.

    python -m bench.faults [--sample | --simulated]

`--sample` takes one fault for each write; `--simulated` every call, reads too, with every fault on the cluster in
memory of the unit tests. Exits 1 when any run does not end as it does without a fault.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time

import structlog

from tests.support.faults import Fault
from tests.support.matrix.laboratory import AT_ONCE, enumerated, matrix, strikes
from tests.support.matrix.runs import Result
from tests.support.matrix.table import table
from tests.unit.reconciler.test_operation_crashes import SCENARIOS, with_faults


async def real(*, each: bool) -> int:
    started = time.monotonic()
    async with matrix("bench-faults") as found:
        undisturbed = await enumerated(found)
        for result in undisturbed:
            wrong = "; ".join(result.problems) or "ok"
            print(f"without a fault: {result.run.operation.name}, {len(result.writes)} writes: {wrong}", flush=True)
        runs = strikes(undisturbed, Fault, each=each)
        results = await found.all(runs, at_once=AT_ONCE, done=_tell_of_failures)
    print(table(results))
    print(f"{len(results)} runs in {time.monotonic() - started:.0f} s")
    return int(any(result.problems for result in (*undisturbed, *results)))


def _tell_of_failures(result: Result) -> None:
    if result.problems:
        print(f"{result.run.operation.name} {result.run.strike}: {'; '.join(result.problems)}", flush=True)


async def simulated() -> int:
    wrong = 0
    for scenario in SCENARIOS:
        calls, bad = await with_faults(scenario, lambda _: tuple(Fault))
        wrong += len(bad)
        print(f"{scenario.__name__:<24} {calls:>4} calls x {len(Fault)} faults: {'; '.join(bad) or 'ok'}", flush=True)
    return int(wrong > 0)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    run = simulated() if "--simulated" in sys.argv else real(each="--sample" not in sys.argv)
    sys.exit(asyncio.run(run))
