"""How long each machine has been in its phase."""

from __future__ import annotations

from collections.abc import Callable, Collection


class Stopwatch:
    """Starts when a phase is first seen, so a restart in the middle of a transition begins it again."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._since: dict[str, tuple[str, float]] = {}

    def seconds_in(self, uid: str, phase: str) -> float:
        now = self._monotonic()
        seen, since = self._since.setdefault(uid, (phase, now))
        if seen == phase:
            return now - since
        self._since[uid] = (phase, now)
        return 0.0

    def keep(self, uids: Collection[str]) -> None:
        """Forget all others."""
        self._since = {uid: seen for uid, seen in self._since.items() if uid in uids}
