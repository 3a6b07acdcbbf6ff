"""Lists of metav1.Condition."""

from __future__ import annotations

from datetime import datetime

from webhook.api.meta import Condition
from webhook.reconciler.clock import condition_time


def with_condition(
    conditions: tuple[Condition, ...],
    *,
    type: str,  # noqa: A002 - the API's own name
    status: bool | None,
    reason: str,
    message: str,
    generation: int,
    now: datetime,
) -> tuple[Condition, ...]:
    """The list with this condition set, in its old place. None means Unknown.

    The time changes with status or reason, as the platform's controllers do it, not with the message.
    """
    spelled = "Unknown" if status is None else str(status)
    before = next((each for each in conditions if each.type == type), None)
    same = before is not None and (before.status, before.reason) == (spelled, reason)
    after = Condition(
        type=type,
        status=spelled,
        reason=reason,
        message=message,
        last_transition_time=before.last_transition_time if before is not None and same else condition_time(now),
        observed_generation=generation,
    )
    if before is None:
        return (*conditions, after)
    return tuple(after if each.type == type else each for each in conditions)
