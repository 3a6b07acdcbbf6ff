"""Freeze and thaw through the platform's aggregated API."""

from __future__ import annotations

import math
from dataclasses import replace
from http import HTTPStatus
from typing import Final

import msgspec

from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtualization import SUBRESOURCES_GROUP
from webhook.kube.client import Client
from webhook.kube.errors import ApiError, ConflictError, NotFoundError
from webhook.machines.driver import FreezeRefusedError

_MACHINE: Final = replace(VIRTUAL_MACHINE, group=SUBRESOURCES_GROUP)
_REFUSALS: Final = frozenset(
    {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.CONFLICT, HTTPStatus.INTERNAL_SERVER_ERROR}
)
"""What the platform's API answers when the guest is off or has no agent (the machine layer's error comes as 500)."""


class PlatformMachines:
    """`PUT …/virtualmachines/<name>/freeze|unfreeze` (platform's `subresources` API, v1alpha2)."""

    def __init__(self, client: Client) -> None:
        self._client = client

    async def freeze(self, namespace: str, name: str, *, seconds: float) -> None:
        # Rounded up: zero would mean no thaw at all, and whoever counts on the freeze counts on all of it.
        body = msgspec.json.encode({"unfreezeTimeout": f"{max(1, math.ceil(seconds))}s"})
        try:
            await self._client.request("PUT", _MACHINE.path(namespace, name, "freeze"), body=body)
        except ApiError as error:
            if error.status in _REFUSALS:
                raise FreezeRefusedError(error.message) from error
            raise

    async def thaw(self, namespace: str, name: str) -> None:
        try:
            await self._client.request("PUT", _MACHINE.path(namespace, name, "unfreeze"))
        except (NotFoundError, ConflictError):
            return
