"""How an operation recognises its own work, and answers that no repetition changes."""

from __future__ import annotations

from typing import Final

from webhook.api.meta import Object
from webhook.api.vocabulary import RESTORED_BY

REFUSALS: Final = frozenset({400, 403, 422})
"""Answers that stay the same however often one asks: a webhook, a quota, a schema."""


def is_made_by(uid: str, made: Object) -> bool:
    return made.metadata.annotations.get(RESTORED_BY) == uid
