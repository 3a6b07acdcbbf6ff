"""A transport that counts the writes of each namespace's reconcilers, and strikes at one of them."""

from __future__ import annotations

from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

from tests.support.faults import Fault, ProcessDiedError
from webhook.kube.errors import ApiError, ConflictError, UnreachableError
from webhook.kube.transport import CALL_TIMEOUT_SECONDS, Transport

_WRITES: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})


class Life:
    """Of what works on one namespace. It may die and come to life again, without the rest of the process."""

    def __init__(self) -> None:
        self.writes: list[str] = []
        """Since it is armed, as `PATCH virtualdisks/status`."""
        self.dead = False
        self.armed = False
        self.struck_at = ""
        self._strike: tuple[int, Fault] | None = None

    def arm(self, strike: tuple[int, Fault] | None) -> None:
        """From now on writes are counted; `strike` is at the write of this number, counted from 0."""
        self.armed, self._strike = True, strike

    def before(self, write: str) -> Fault | None:
        """To be asked before each write; the answer is for `after`."""
        if not self.armed:
            return None
        number = len(self.writes)
        self.writes.append(write)
        if self._strike is None or self._strike[0] != number:
            return None
        fault, self._strike = self._strike[1], None
        self.struck_at = write
        match fault:
            case Fault.DIES_BEFORE:
                self.dead = True
                raise ProcessDiedError
            case Fault.CONFLICT:
                raise ConflictError(409, "Conflict", f"{write} met another writer")
            case Fault.SERVER_ERROR:
                raise ApiError(500, "InternalError", f"{write} met a broken server")
        return fault

    def after(self, fault: Fault | None) -> None:
        if fault is Fault.DIES_AFTER:
            self.dead = True
            raise ProcessDiedError
        if fault is Fault.ANSWER_LOST:
            raise UnreachableError("no answer in time")


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
