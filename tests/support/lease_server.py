"""One Lease in memory, behind cables that delay, lose and refuse."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Any, Final

import msgspec

from webhook.kube.errors import ApiError, UnreachableError, error_from
from webhook.kube.transport import CALL_TIMEOUT_SECONDS, Transport

MICRO_TIME: Final = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{6}Z")


def _refusal(status: int, reason: str) -> ApiError:
    return error_from(status, msgspec.json.encode({"kind": "Status", "reason": reason, "message": reason}), {})


class LeaseServer:
    """What the API server does with a Lease: preconditions, strict times, and no new version for a patch that changes
    nothing."""

    def __init__(self) -> None:
        self.stored: dict[str, Any] | None = None
        self.writes: list[dict[str, Any]] = []
        """The spec of each write that was carried out."""
        self._version = 0

    @property
    def spec(self) -> dict[str, Any]:
        assert self.stored is not None
        spec: dict[str, Any] = self.stored["spec"]
        return spec

    @property
    def holder(self) -> str:
        return "" if self.stored is None else self.spec["holderIdentity"]

    def put(self, **spec: Any) -> None:
        """As if somebody else had written it."""
        self._store({"leaseDurationSeconds": 15, "renewTime": "2026-01-01T00:00:00.000000Z", **spec})

    def delete(self) -> None:
        self.stored = None

    def handle(self, method: str, body: bytes | None) -> bytes:
        """Raises ApiError."""
        sent = msgspec.json.decode(body) if body else {}
        match method:
            case "GET" if self.stored is not None:
                pass
            case "POST" if self.stored is None:
                self._write(sent["spec"])
            case "POST":
                raise _refusal(409, "AlreadyExists")
            case "PATCH" if self.stored is not None:
                self._patch(sent)
            case _:
                raise _refusal(404, "NotFound")
        return msgspec.json.encode(self.stored)

    def _patch(self, sent: dict[str, Any]) -> None:
        assert self.stored is not None
        if sent["metadata"]["resourceVersion"] != self.stored["metadata"]["resourceVersion"]:
            raise _refusal(409, "Conflict")
        changed = {**self.spec, **sent["spec"]}
        if changed != self.spec:
            self._write(changed)

    def _write(self, spec: dict[str, Any]) -> None:
        times = [spec[name] for name in ("acquireTime", "renewTime") if name in spec]
        if not all(MICRO_TIME.fullmatch(each) for each in times) or type(spec["leaseDurationSeconds"]) is not int:
            raise _refusal(400, "BadRequest")
        self._store(spec)
        self.writes.append(spec)

    def _store(self, spec: dict[str, Any]) -> None:
        self._version += 1
        metadata = {"name": "leader", "namespace": "snapgate", "resourceVersion": str(self._version)}
        self.stored = {"metadata": metadata, "spec": spec}


@dataclass(frozen=True, slots=True)
class Fate:
    """What happens to one call."""

    request_seconds: float = 0.0
    """On the way to the server, also when the caller has given up by then."""
    reaches: bool = True
    answer_seconds: float = 0.0
    answers: bool = True
    error: Exception | None = None
    """Comes in place of the answer."""
    applies: bool = True


PASSES: Final = Fate()
HANGS: Final = Fate(reaches=False)
CONNECTION_BROKE: Final = UnreachableError("the connection broke")


def refused(status: int, reason: str) -> Fate:
    return Fate(applies=False, error=_refusal(status, reason))


def breaking(error: Exception, *, applied: bool) -> Fate:
    return Fate(applies=applied, error=error)


DOWN: Final = {
    "hangs": HANGS,
    "answers never come": Fate(answers=False),
    "connections break": breaking(CONNECTION_BROKE, applied=False),
    "answers break": breaking(CONNECTION_BROKE, applied=True),
    "server errors": refused(500, "InternalError"),
    "forbidden": refused(403, "Forbidden"),
    "busy": refused(429, "TooManyRequests"),
    "conflicts": refused(409, "Conflict"),
}
"""The ways in which no call succeeds."""


@dataclass(frozen=True, slots=True)
class Call:
    at: float
    method: str


class Cable(Transport):
    """From one process to the server."""

    def __init__(self, server: LeaseServer) -> None:  # without a session, so not the transport's own
        self.calls: list[Call] = []
        self.fate: Callable[[str], Fate] = lambda _: PASSES
        """Asked with the method of each call."""
        self.cut = False
        self._server = server

    def follow(self, fates: Iterator[Fate]) -> None:
        """One fate for each call, then all pass."""
        self.fate = lambda _: next(fates, PASSES)

    def always(self, fate: Fate) -> None:
        self.follow(repeat(fate))

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
        loop = asyncio.get_running_loop()
        self.calls.append(Call(loop.time(), method))
        answer: asyncio.Future[bytes] = loop.create_future()
        fate = HANGS if self.cut else self.fate(method)
        if fate.reaches:
            loop.call_later(fate.request_seconds, self._arrive, fate, method, body, answer)
        return await answer

    def _arrive(self, fate: Fate, method: str, body: bytes | None, answer: asyncio.Future[bytes]) -> None:
        try:
            given: bytes | Exception = self._server.handle(method, body) if fate.applies else b""
        except ApiError as error:
            given = error
        if fate.answers:
            loop = asyncio.get_running_loop()
            loop.call_later(fate.answer_seconds, _settle, answer, given if fate.error is None else fate.error)


def _settle(answer: asyncio.Future[bytes], given: bytes | Exception) -> None:
    if answer.done():  # the caller gave up
        return
    if isinstance(given, Exception):
        answer.set_exception(given)
    else:
        answer.set_result(given)
