"""Whether a caller may use a subresource: the API server decides (delegated authorization)."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from lab.machines.front_proxy import Caller
from webhook.api.virtualization import SUBRESOURCES_GROUP, VERSION

REVIEWS = "/apis/authorization.k8s.io/v1/subjectaccessreviews"


class _ReviewStatus(msgspec.Struct, frozen=True):
    allowed: bool = False


class _Review(msgspec.Struct, frozen=True):
    status: _ReviewStatus = _ReviewStatus()


class Transport(Protocol):
    async def request(self, method: str, path: str, *, body: bytes | None = None) -> bytes: ...


class Authorizer:
    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    async def allows(self, caller: Caller, namespace: str, name: str, subresource: str) -> bool:
        body = msgspec.json.encode(review(caller, namespace, name, subresource))
        answer = await self._transport.request("POST", REVIEWS, body=body)
        return msgspec.json.decode(answer, type=_Review).status.allowed


def review(caller: Caller, namespace: str, name: str, subresource: str) -> dict[str, Any]:
    return {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SubjectAccessReview",
        "spec": {
            "user": caller.user,
            "groups": caller.groups,
            "extra": caller.extra,
            "resourceAttributes": {
                "verb": "update",
                "group": SUBRESOURCES_GROUP,
                "version": VERSION,
                "resource": "virtualmachines",
                "subresource": subresource,
                "namespace": namespace,
                "name": name,
            },
        },
    }
