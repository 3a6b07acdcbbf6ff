"""Tokens of service accounts, for one pod each (TokenRequest)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import msgspec

from lab.nodes.environment import Placed
from lab.nodes.kinds import SERVICE_ACCOUNT
from lab.nodes.pod import TokenProjection
from webhook.api.struct import ApiStruct
from webhook.kube.client import Client

RENEW_AT: Final = 0.8
"""Of its life, as the kubelet does (pkg/kubelet/token/token_manager.go)."""


class _TokenStatus(ApiStruct, frozen=True):
    token: str


class _TokenRequest(ApiStruct, frozen=True):
    status: _TokenStatus


@dataclass(frozen=True, slots=True)
class _Held:
    token: str
    renew_at: float


class Tokens:
    """Of one pod. `clock` is monotonic."""

    def __init__(self, client: Client, placed: Placed, clock: Callable[[], float]) -> None:
        self._client = client
        self._placed = placed
        self._clock = clock
        self._held: dict[TokenProjection, _Held] = {}

    async def get(self, wanted: TokenProjection) -> bytes:
        held = self._held.get(wanted)
        if held is None or self._clock() >= held.renew_at:
            held = self._held[wanted] = await self._request(wanted)
        return held.token.encode()

    def seconds_until_renewal(self) -> float | None:
        """None when no token is in use."""
        due = min((held.renew_at for held in self._held.values()), default=None)
        return None if due is None else max(0.0, due - self._clock())

    async def _request(self, wanted: TokenProjection) -> _Held:
        metadata = self._placed.pod.metadata
        spec: dict[str, Any] = {
            "audiences": [wanted.audience] if wanted.audience else [],
            "expirationSeconds": wanted.expiration_seconds,
            "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": metadata.name, "uid": metadata.uid},
        }
        body = {"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": spec}
        path = SERVICE_ACCOUNT.path(metadata.namespace, self._placed.spec.service_account_name, "token")
        now = self._clock()
        answer = await self._client.request("POST", path, body=msgspec.json.encode(body))
        token = msgspec.json.decode(answer, type=_TokenRequest).status.token
        return _Held(token, now + wanted.expiration_seconds * RENEW_AT)
