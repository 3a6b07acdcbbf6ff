"""Conditions the way the platform keeps them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from webhook.api.meta import Condition, condition


@dataclass(frozen=True, slots=True)
class Observation:
    """What a condition is to say now; when it began to say so follows from the present conditions."""

    type: str
    true: bool
    reason: str
    message: str = ""


def observed(
    current: tuple[Condition, ...],
    observations: Iterable[Observation],
    *,
    owned: Collection[str],
    generation: int,
    now: str,
) -> tuple[Condition, ...]:
    """The next list of conditions: ours as observed, in that order, and those of others after them, untouched."""
    ours = (_stated(condition(current, each.type), each, generation, now) for each in observations)
    return (*ours, *(each for each in current if each.type not in owned))


def _stated(previous: Condition | None, observation: Observation, generation: int, now: str) -> Condition:
    status = "True" if observation.true else "False"
    # A new reason counts as a transition too: the platform does so, and so watchers see "frozen again".
    unchanged = previous is not None and (previous.status, previous.reason) == (status, observation.reason)
    return Condition(
        type=observation.type,
        status=status,
        reason=observation.reason,
        message=observation.message,
        last_transition_time=previous.last_transition_time if previous and unchanged else now,
        observed_generation=generation,
    )
