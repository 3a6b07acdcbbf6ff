"""Asking the API server, with its webhooks and quotas, for everything that it may refuse, before anything is lost."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.kube.errors import AlreadyExistsError, ApiError, ForbiddenError
from webhook.reconciler.steps.made import REFUSALS
from webhook.reconciler.writes import Writes


class Rehearsal:
    """Collects all refusals, not the first. Other failures are raised: they say nothing about the request."""

    def __init__(self, writes: Writes, namespace: str) -> None:
        self._writes = writes
        self._namespace = namespace
        self._refusals: dict[str, None] = {}

    @property
    def refusals(self) -> str:
        return "; ".join(self._refusals)

    async def create(self, kind: Kind[Any], body: Mapping[str, Any]) -> None:
        try:
            await self._writes.rehearse_create(kind, self._namespace, body)
        except AlreadyExistsError:
            return  # newer than what we have seen; when it comes to writing, the cache shows whose it is
        except ApiError as error:
            self._note(error)

    async def replace(self, kind: Kind[Any], body: Mapping[str, Any]) -> None:
        """Of an object whose name is still taken. It counts against quotas that it will not burden."""
        name = body["metadata"]["name"]
        nameless = {key: value for key, value in body["metadata"].items() if key != "name"}
        try:
            renamed = {**body, "metadata": {**nameless, "generateName": f"{name[:200]}-"}}
            await self._writes.rehearse_create(kind, self._namespace, renamed)
        except ForbiddenError as error:
            if "exceeded quota" not in error.message:
                self._note(error)
        except ApiError as error:
            self._note(error)

    async def patch(self, kind: Kind[Any], seen: Object, patch: Mapping[str, Any]) -> None:
        try:
            await self._writes.rehearse_patch(kind, seen, patch)
        except ApiError as error:
            self._note(error)

    def _note(self, error: ApiError) -> None:
        if error.status not in REFUSALS:
            raise error
        self._refusals[str(error)] = None
