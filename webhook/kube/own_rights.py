"""Who we are to the API server, and what we may do: everyone may ask (ClusterRole system:basic-user)."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from typing import Any, Final, TypeVar

import msgspec

from webhook.api.struct import ApiStruct
from webhook.facts.user import Access, User
from webhook.kube.authorization import AccessReview, ReviewError, UserInfo, access_attributes, user_from
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, UnauthorizedError

R = TypeVar("R")

_SELF_REVIEWS: Final = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_ACCESS_REVIEWS: Final = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class _SelfStatus(ApiStruct, frozen=True):
    user_info: UserInfo = UserInfo()


class _SelfReview(ApiStruct, frozen=True):
    status: _SelfStatus = _SelfStatus()


class OwnRights:
    """Of whoever the client's credentials are of. Raises UnauthorizedError and UnreachableError besides ReviewError."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def user(self) -> User:
        """Raises ReviewError."""
        review = {"apiVersion": "authentication.k8s.io/v1", "kind": "SelfSubjectReview"}
        return user_from((await self._ask(_SELF_REVIEWS, review, _SelfReview)).status.user_info)

    async def allowed(self, _user: User, accesses: Collection[Access]) -> Mapping[Access, bool]:
        """Raises ReviewError."""
        answers = await asyncio.gather(*(self._allowed(access) for access in accesses))
        return dict(zip(accesses, answers, strict=True))

    async def _allowed(self, access: Access) -> bool:
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": access_attributes(access)},
        }
        return (await self._ask(_ACCESS_REVIEWS, review, AccessReview)).status.allowed

    async def _ask(self, path: str, review: Mapping[str, Any], answer: type[R]) -> R:
        try:
            body = await self._client.request("POST", path, body=msgspec.json.encode(review))
            return msgspec.json.decode(body, type=answer)
        except UnauthorizedError:
            raise
        except (ApiError, msgspec.DecodeError) as error:
            raise ReviewError(str(error)) from error
