"""What users may do, as the API server would say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Self

from webhook.facts.user import Access, User
from webhook.kube.authorization import ReviewError


class Rights:
    """Everyone may do everything, but for what is taken away. Remembers what was asked."""

    def __init__(self, failure: str = "") -> None:
        self.asked: list[tuple[User, frozenset[Access]]] = []
        self._failure = failure
        self._refused: set[str] = set()

    def without(self, *accesses: str) -> Self:
        """As they are written: `create virtualdisks`, `get virtualmachineipaddresses/front`."""
        self._refused.update(accesses)
        return self

    async def allowed(self, user: User, accesses: Collection[Access]) -> Mapping[Access, bool]:
        self.asked.append((user, frozenset(accesses)))
        if self._failure:
            raise ReviewError(self._failure)
        return {access: str(access) not in self._refused for access in accesses}
