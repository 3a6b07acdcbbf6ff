"""The crash matrix: every write of every operation with every fault, against the real API server and real storage.

    python -m bench.faults [--sample]

Exits 1 when any run does not end as it does without a fault.
"""

from __future__ import annotations

import asyncio
import sys
import time

from tests.support.faults import Fault
from tests.support.matrix.laboratory import AT_ONCE, enumerated, matrix, strikes
from tests.support.matrix.table import table


async def main(*, each: bool) -> int:
    started = time.monotonic()
    async with matrix("bench-faults") as found:
        undisturbed = await enumerated(found)
        results = await found.all(strikes(undisturbed, Fault, each=each), at_once=AT_ONCE)
    for result in undisturbed:
        print(f"without a fault: {result.run.operation.name}, {len(result.writes)} writes {result.problems or ''}")
    print(table(results))
    print(f"{len(results)} runs in {time.monotonic() - started:.0f} s")
    return int(any(result.problems for result in (*undisturbed, *results)))


if __name__ == "__main__":
    sys.exit(asyncio.run(main(each="--sample" not in sys.argv)))
