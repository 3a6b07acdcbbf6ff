"""What an API server would say of tokens, besides rights."""

from __future__ import annotations

from collections.abc import Sequence

from tests.support.rights import Rights
from webhook.facts.user import User
from webhook.kube.authorization import ReviewError

CAROL = User("carol", "u1", ("devs",), (("scopes", ("a", "b")),))


class CallerRights(Rights):
    """One token, `carols`. With a failure nothing can be asked, who has a token included."""

    def __init__(self, failure: str = "") -> None:
        super().__init__(failure)
        self.audiences: list[tuple[str, ...]] = []

    async def token(self, token: str, audiences: Sequence[str] = ()) -> User | None:
        if self._failure:
            raise ReviewError(self._failure)
        self.audiences.append(tuple(audiences))
        return CAROL if token == "carols" else None
