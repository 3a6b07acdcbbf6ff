"""A transport that counts the writes of each namespace's reconcilers, and strikes at one of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from tests.support.faults import Fault, Mortal, ProcessDiedError
from webhook.kube.transport import CALL_TIMEOUT_SECONDS, Transport

_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Life(Mortal):
    """Of what works on one namespace: its calls are writes, as `PATCH virtualdisks/status`, counted since it is armed.

    It may die and come to life again, without the rest of the process.
    """

    def __init__(self) -> None:
        super().__init__()
        self.armed = False

    def arm(self, strike: tuple[int, Fault] | None) -> None:
        """From now on writes are counted; `strike` is at the write of this number, counted from 0."""
        self.armed, self._strike = True, strike

    def before(self, write: str) -> Fault | None:
        """To be asked before each write; the answer is for `after`."""
        return self.begin(write) if self.armed else None


LIFE: ContextVar[Life | None] = ContextVar("life", default=None)
"""Of the pass that is running."""


class StrikingTransport(Transport):
    async def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
        timeout_seconds: float = CALL_TIMEOUT_SECONDS,
    ) -> bytes:
        life = LIFE.get()
        if life is not None and life.dead:
            raise ProcessDiedError
        fault = life.before(_name(method, path)) if life is not None and _counts(method, path, params) else None
        answer = await super().call(
            method, path, body=body, content_type=content_type, params=params, timeout_seconds=timeout_seconds
        )
        if life is not None:
            life.after(fault)
        return answer


def _counts(method: str, path: str, params: Mapping[str, Any] | None) -> bool:
    """Not what is only rehearsed, and no Events: losing one is allowed."""
    return method in _WRITES and "dryRun" not in (params or {}) and "/events" not in path


def _name(method: str, path: str) -> str:
    """`PATCH virtualdisks/status` of `/apis/<group>/<version>/namespaces/<namespace>/virtualdisks/root/status`."""
    parts = path.strip("/").split("/")
    parts = parts[2:] if parts[0] == "api" else parts[3:]
    if parts[0] == "namespaces" and len(parts) > 2:
        parts = parts[2:]
    return f"{method} {'/'.join([parts[0], *parts[2:]])}"
