"""Events: what people see in `kubectl describe`."""

from __future__ import annotations

import hashlib
import socket
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

import structlog

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.kube.client import Client
from webhook.kube.errors import AlreadyExistsError, ApiError, NotFoundError, UnreachableError

LONGEST_MESSAGE: Final = 1024
"""The limit of the API (core validation, NoteLengthLimit); the server refuses what is longer."""
LONGEST_PREFIX: Final = 200
"""Of the object's name in the Event's: names end at 253 characters."""


class Event(Object, frozen=True):
    """core/v1 Event, as far as we count it up."""

    count: int = 0


EVENT: Final = Kind("", "v1", "Event", "events", Event)

log = structlog.get_logger()


class EventRecorder:
    """Writes Events about objects. `now` is wall time; `instance` says which of our processes it was.

    The same text about the same object is one Event with a count, as long as the API server keeps it (an hour), also
    across restarts: its name follows from what it says.
    """

    def __init__(
        self,
        client: Client,
        *,
        component: str,
        now: Callable[[], datetime],
        instance: str | None = None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        self._client = client
        self._component = component
        self._instance = instance or socket.gethostname()  # a pod's name
        self._now = now
        self._lost = lost

    async def record(
        self,
        kind: Kind[Object],
        subject: Object,
        *,
        reason: str,
        message: str,
        type: str = "Normal",  # noqa: A002 - the API's own name
    ) -> None:
        """Never raises for what the API server or the network does: a lost Event is logged, counted by `lost`."""
        body = self._event(kind, subject, reason, message[:LONGEST_MESSAGE], type)
        try:
            await self._write(body)
        except (ApiError, UnreachableError) as error:
            log.warning("event lost", kind=kind.name, name=subject.metadata.name, reason=reason, error=str(error))
            if self._lost is not None:
                self._lost()

    async def _write(self, body: dict[str, Any]) -> None:
        namespace, name = body["metadata"]["namespace"], body["metadata"]["name"]
        try:
            await self._client.create(EVENT, body, namespace=namespace)
        except AlreadyExistsError:
            await self._count_up(namespace, name, body)

    async def _count_up(self, namespace: str, name: str, body: dict[str, Any]) -> None:
        try:
            earlier = await self._client.get(EVENT, namespace, name)
            patch = {"count": earlier.count + 1, "lastTimestamp": body["lastTimestamp"]}
            await self._client.merge_patch(EVENT, namespace, name, patch)
        except NotFoundError:  # expired between the two calls
            await self._client.create(EVENT, body, namespace=namespace)

    def _event(self, kind: Kind[Object], subject: Object, reason: str, message: str, event_type: str) -> dict[str, Any]:
        metadata = subject.metadata
        said = "\0".join((self._component, kind.resource, metadata.uid, event_type, reason, message))
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        # Events of cluster-scoped objects go where kubectl looks for them.
        namespace = metadata.namespace or "default"
        time = self._now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        return {
            "metadata": {"name": f"{metadata.name[:LONGEST_PREFIX].rstrip('.-')}.{digest}", "namespace": namespace},
            "involvedObject": {
                "apiVersion": kind.api_version,
                "kind": kind.name,
                "namespace": metadata.namespace,
                "name": metadata.name,
                "uid": metadata.uid,
            },
            "reason": reason,
            "message": message,
            "type": event_type,
            "count": 1,
            "firstTimestamp": time,
            "lastTimestamp": time,
            "source": {"component": self._component, "host": self._instance},
            "reportingComponent": self._component,
            "reportingInstance": self._instance,
        }
