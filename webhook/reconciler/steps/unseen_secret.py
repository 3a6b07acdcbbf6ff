"""A name that is taken by a Secret which no cache shows."""

from __future__ import annotations

from webhook.api.secret import SECRET, UNWATCHED_TYPES
from webhook.reconciler.writes import Writes


async def unseen_secret(namespace: str, name: str, writes: Writes) -> str:
    """What has the name, `""` when the cache will show it. Raises ApiError, also when it has gone again."""
    live = await writes.read(SECRET, namespace, name)
    return f"Secret {name} is of type {live.type}" if live.type in UNWATCHED_TYPES else ""
