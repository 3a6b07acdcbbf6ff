"""How long somebody refuses what has to be."""

from __future__ import annotations

from datetime import datetime, timedelta

from webhook.reconciler.cluster import Cluster


class Patience:
    """As long as for a new volume: a quota frees what was deleted a little later. Nobody writes it down, so a restart
    begins again, which only means more patience."""

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._since: dict[str, datetime] = {}

    def is_over(self, what: str) -> bool:
        """Asked at each refusal."""
        now = self._cluster.clock()
        grace = timedelta(seconds=self._cluster.settings.refused_volume_grace_seconds)
        return now - self._since.setdefault(what, now) >= grace

    def renew(self, what: str) -> None:
        """It is refused no more."""
        self._since.pop(what, None)
