"""What the author of an operation may do by hand: the one thing that is asked on the way to an allowed request."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Protocol

import msgspec

from webhook.evaluation.evaluate import Evaluation
from webhook.facts.request import Request
from webhook.facts.user import Access, User
from webhook.planning.permissions import accesses_of


class AskAccess(Protocol):
    async def allowed(self, user: User, accesses: Collection[Access]) -> Mapping[Access, bool]:
        """Raises ReviewError."""
        ...


async def with_refusals(request: Request, evaluation: Evaluation, reviews: AskAccess) -> Request:
    """The request, with what its author may not do of the evaluation's plan. Raises ReviewError.

    A request without a plan, or of nobody in particular, is left as it is.
    """
    accesses = accesses_of(evaluation.plan, request.namespace)
    if request.user is None or not accesses:
        return request
    answers = await reviews.allowed(request.user, accesses)
    return msgspec.structs.replace(request, refused=tuple(each for each in accesses if not answers[each]))
