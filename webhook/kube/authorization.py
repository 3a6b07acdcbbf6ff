"""Asking the API server who someone is and what they may do (TokenReview, SubjectAccessReview)."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import msgspec

from webhook.api.struct import ApiStruct
from webhook.facts.user import Access, User
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, UnreachableError
from webhook.kube.short_memory import ShortMemory

R = TypeVar("R")

ALLOWED_SECONDS: Final = 10.0
"""The kubelet and kube-apiserver remember for minutes (`--authorization-webhook-cache-authorized-ttl`); a right that
was taken away should not last so long here."""
REFUSED_SECONDS: Final = 5.0
"""Shorter: whoever has just been given a right tries again at once."""
DEADLINE_SECONDS: Final = 2.0
_MOST_AT_ONCE: Final = 16
_MOST_REMEMBERED: Final = 4096

_ACCESS_REVIEWS: Final = "/apis/authorization.k8s.io/v1/subjectaccessreviews"
_TOKEN_REVIEWS: Final = "/apis/authentication.k8s.io/v1/tokenreviews"


class ReviewError(Exception):
    """The API server could not be asked: nothing is known of the user. The message says why."""


class AccessStatus(ApiStruct, frozen=True):
    """`evaluationError` is not read: RBAC reports each binding to a role that is gone, and decides all the same."""

    allowed: bool


class AccessReview(ApiStruct, frozen=True):
    status: AccessStatus


class UserInfo(ApiStruct, frozen=True):
    username: str = ""
    uid: str = ""
    groups: tuple[str, ...] = ()
    extra: dict[str, tuple[str, ...]] = msgspec.field(default_factory=dict)


class _TokenStatus(ApiStruct, frozen=True):
    authenticated: bool = False
    user: UserInfo = UserInfo()
    audiences: tuple[str, ...] = ()


class _TokenReview(ApiStruct, frozen=True):
    status: _TokenStatus


class Reviews:
    """What was answered is remembered for a moment. `clock` is monotonic."""

    def __init__(
        self, client: Client, *, clock: Callable[[], float], deadline_seconds: float = DEADLINE_SECONDS
    ) -> None:
        self._client = client
        self._deadline_seconds = deadline_seconds
        self._at_once = asyncio.Semaphore(_MOST_AT_ONCE)
        self._accesses: ShortMemory[tuple[User, Access], bool] = ShortMemory(_MOST_REMEMBERED, clock)
        self._users: ShortMemory[tuple[str, tuple[str, ...]], User | None] = ShortMemory(_MOST_REMEMBERED, clock)

    async def token(self, token: str, audiences: Sequence[str] = ()) -> User | None:
        """Whose token this is; None when it is nobody's, or not for one of these audiences. Raises ReviewError."""
        key = (hashlib.sha256(token.encode()).hexdigest(), tuple(audiences))
        known = self._users.get(key)
        if known is not None:
            return known.value
        review = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, **({"audiences": list(audiences)} if audiences else {})},
        }
        status = (await self._within_deadline(self._ask(_TOKEN_REVIEWS, review, _TokenReview))).status
        # An authenticator that knows no audiences answers without any, and has checked none.
        meant = not audiences or bool(set(audiences) & set(status.audiences))
        user = user_from(status.user) if status.authenticated and meant else None
        self._users.put(key, user, seconds=ALLOWED_SECONDS if user is not None else REFUSED_SECONDS)
        return user

    async def allowed(self, user: User, accesses: Collection[Access]) -> Mapping[Access, bool]:
        """Whether the user may do each of these, asked all at once. Raises ReviewError."""
        known = {access: self._accesses.get((user, access)) for access in accesses}
        unknown = [access for access, remembered in known.items() if remembered is None]
        answers = await self._within_deadline(self._ask_all(user, unknown))
        for access, allowed in answers.items():
            self._accesses.put((user, access), allowed, seconds=ALLOWED_SECONDS if allowed else REFUSED_SECONDS)
        return {access: each.value for access, each in known.items() if each is not None} | answers

    async def _ask_all(self, user: User, accesses: Sequence[Access]) -> dict[Access, bool]:
        asked: dict[Access, asyncio.Task[AccessReview]] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for access in accesses:
                    review = access_review(user, access)
                    asked[access] = group.create_task(self._ask(_ACCESS_REVIEWS, review, AccessReview))
        except* ReviewError as errors:
            raise errors.exceptions[0] from None
        return {access: task.result().status.allowed for access, task in asked.items()}

    async def _ask(self, path: str, review: Mapping[str, Any], answer: type[R]) -> R:
        try:
            async with self._at_once:
                body = await self._client.request("POST", path, body=msgspec.json.encode(review))
            return msgspec.json.decode(body, type=answer)
        except (ApiError, UnreachableError, msgspec.DecodeError) as error:
            raise ReviewError(str(error)) from error

    async def _within_deadline(self, asking: Awaitable[R]) -> R:
        try:
            async with asyncio.timeout(self._deadline_seconds):
                return await asking
        except TimeoutError as error:
            raise ReviewError(f"the API server did not answer within {self._deadline_seconds:g} s") from error


def access_review(user: User, access: Access) -> dict[str, Any]:
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": user.username,
            "uid": user.uid,
            "groups": user.groups,
            "extra": dict(user.extra),
            "resourceAttributes": access_attributes(access),
        },
    }


def access_attributes(access: Access) -> dict[str, str]:
    attributes = {
        "verb": access.verb,
        "group": access.group,
        "resource": access.resource,
        "subresource": access.subresource,
        "namespace": access.namespace,
        "name": access.name,
    }
    return {member: value for member, value in attributes.items() if value}


def user_from(info: UserInfo) -> User:
    return User(info.username, info.uid, info.groups, tuple(sorted(info.extra.items())))
