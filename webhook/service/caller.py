"""Who calls the validation service, and whether they may ask what they ask."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final, Protocol

from aiohttp import web

from webhook.api.kind import Kind
from webhook.facts.user import Access, User
from webhook.kube.authorization import ReviewError
from webhook.service.problem import ProblemError

_SCHEME: Final = "bearer"
_LONGEST_TOKEN: Final = 16 * 1024
"""Tokens with many groups are some kilobytes; headers that the server takes end at 8 KiB a line (aiohttp)."""
_RETRY_SECONDS: Final = 1


class AskReviews(Protocol):
    async def token(self, token: str, audiences: Sequence[str] = ()) -> User | None:
        """Raises ReviewError."""
        ...

    async def allowed(self, user: User, accesses: Collection[Access]) -> Mapping[Access, bool]:
        """Raises ReviewError."""
        ...


class Callers:
    """Tokens must be meant for one of `audiences`; when there are none, for the API server."""

    def __init__(self, reviews: AskReviews, audiences: Sequence[str]) -> None:
        self._reviews = reviews
        self._audiences = tuple(audiences)

    async def caller(self, request: web.Request) -> User:
        """Raises ProblemError: 401, 503."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme.casefold() != _SCHEME or not token.strip():
            raise ProblemError(401, f"send a token: Authorization: Bearer TOKEN{self._advice()}")
        try:
            user = await self._reviews.token(token.strip()[:_LONGEST_TOKEN], self._audiences)
        except ReviewError as error:
            raise _not_asked(error) from error
        if user is None:
            raise ProblemError(401, f"the API server does not know this token, or it has expired{self._advice()}")
        return user

    async def must_be_allowed(self, user: User, wanted: Iterable[tuple[Kind[Any], str]]) -> None:
        """To create each kind in each namespace, which is what they ask about. Raises ProblemError: 403, 503."""
        accesses = {Access("create", kind.group, kind.plural, namespace=namespace): kind for kind, namespace in wanted}
        try:
            answers = await self._reviews.allowed(user, list(accesses))
        except ReviewError as error:
            raise _not_asked(error) from error
        refused = sorted(access for access in accesses if not answers.get(access, False))
        if refused:
            raise ProblemError(
                403,
                f"{user.username} may not create all that is to be checked",
                errors=tuple(_refusal(access) for access in refused),
            )

    def _advice(self) -> str:
        audience = f" --audience {self._audiences[0]}" if self._audiences else ""
        return f"; get one: kubectl create token ACCOUNT{audience}"


def _refusal(access: Access) -> str:
    resource = f"{access.resource}.{access.group}" if access.group else access.resource
    return f"cannot create {resource} in namespace {access.namespace}"


def _not_asked(error: ReviewError) -> ProblemError:
    return ProblemError(
        503, f"the API server could not be asked about the caller: {error}", retry_after_seconds=_RETRY_SECONDS
    )
