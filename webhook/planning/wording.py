"""Steps as people read them."""

from __future__ import annotations

from typing import Final

from webhook.planning.plan import Step, StepKind

_WITH: Final = {
    StepKind.CREATE: "from",
    StepKind.REPLACE: "from",
    StepKind.ATTACH: "with",
}


def step_text(step: Step) -> str:
    """`replace VirtualDisk root from VirtualDiskSnapshot root-5c1e: data of 2026-01-02T03:04:05Z`."""
    source = f" {_WITH.get(step.kind, 'from')} {step.source}" if step.source is not None else ""
    detail = f": {step.detail}" if step.detail else ""
    return f"{step.kind} {step.object}{source}{detail}"


def shortest_step_text(step: Step) -> str:
    """Without the source, whose name is often made of uids and longer than a line."""
    return f"{step.kind} {step.object}{f': {step.detail}' if step.detail else ''}"
