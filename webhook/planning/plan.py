"""The ordered steps of an operation: what a dry run prints, what `status.resources` lists, what is worked through."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from webhook.api.reference import Reference


class StepKind(StrEnum):
    STOP = "stop"
    CREATE = "create"
    REPLACE = "replace"
    """Deleted and created again, or (the machine, an address) overwritten with what was saved."""
    KEEP = "keep"
    """There already, and as it should be."""
    DELETE = "delete"
    ATTACH = "attach"
    START = "start"


class Step(Struct, frozen=True):
    """`object` has the name that it will have; `source` is where its data or settings come from."""

    kind: StepKind
    object: Reference
    source: Reference | None = None
    detail: str | None = None
    """What else its author should know, such as how old the data is. No sentence: it follows the names."""


class Plan(Struct, frozen=True):
    steps: tuple[Step, ...] = ()

    def objects(self, *kinds: StepKind) -> tuple[Reference, ...]:
        """Each object of these steps once, in the order in which it first appears."""
        return tuple(dict.fromkeys(step.object for step in self.steps if step.kind in kinds))


NOTHING: Plan = Plan()
