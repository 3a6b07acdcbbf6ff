"""The matrix as people read it: operations, write points, faults."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from tests.support.faults import Fault
from tests.support.matrix.runs import Result


def table(results: Sequence[Result]) -> str:
    lines = [f"{'operation':<10} {'write':<52} {'faults':>6}  result"]
    points: defaultdict[tuple[str, int], list[Result]] = defaultdict(list)
    for result in results:
        if result.run.strike is not None:
            points[result.run.operation.name, result.run.strike[0]].append(result)
    for (operation, number), struck in points.items():
        at = next((each.struck_at for each in struck if each.struck_at), "(not reached)")
        bad = [f"{_fault(each)}: {'; '.join(each.problems)}" for each in struck if each.problems]
        lines.append(f"{operation:<10} {number + 1:>3} {at:<48} {len(struck):>6}  {' | '.join(bad) or 'ok'}")
    reached = sum(bool(each.struck_at) for each in results)
    wrong = sum(bool(each.problems) for each in results)
    lines.append(f"{len(points)} write points, {reached} faults, {wrong} runs that did not end as without")
    return "\n".join(lines)


def _fault(result: Result) -> str:
    fault = result.run.strike[1] if result.run.strike is not None else None
    return fault.name.lower() if isinstance(fault, Fault) else "no fault"
