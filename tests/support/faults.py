"""What may go wrong with a call to the API server or the machine API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum, auto

from webhook.kube.errors import ApiError, ConflictError, UnreachableError


class Fault(Enum):
    DIES_BEFORE = auto()
    DIES_AFTER = auto()
    """Applied, and nobody left to hear of it."""
    ANSWER_LOST = auto()
    """Applied, and the caller does not know."""
    CONFLICT = auto()
    SERVER_ERROR = auto()


async def _open() -> None:
    return


class ProcessDiedError(BaseException):
    """Nothing in the process may survive this, so no `except Exception` sees it."""


class Mortal:
    """Makes calls, of which one is struck, and may die of it."""

    def __init__(self) -> None:
        self.calls: list[str] = []
        self.dead = False
        self.struck_at = ""
        self._strike: tuple[int, Fault] | None = None

    def begin(self, call: str) -> Fault | None:
        """To be told of each call before it is made; the answer is for `after`."""
        number = len(self.calls)
        self.calls.append(call)
        if self._strike is None or self._strike[0] != number:
            return None
        fault, self._strike = self._strike[1], None
        self.struck_at = call
        match fault:
            case Fault.DIES_BEFORE:
                self.dead = True
                raise ProcessDiedError
            case Fault.CONFLICT:
                raise ConflictError(409, "Conflict", f"{call} met another writer")
            case Fault.SERVER_ERROR:
                raise ApiError(500, "InternalError", f"{call} met a broken server")
        return fault

    def after(self, fault: Fault | None) -> None:
        if fault is Fault.DIES_AFTER:
            self.dead = True
            raise ProcessDiedError
        if fault is Fault.ANSWER_LOST:
            raise UnreachableError("no answer in time")


class Faults(Mortal):
    """Counts the calls of one process, and strikes at one of them."""

    def __init__(self) -> None:
        super().__init__()
        self.gate: Callable[[], Awaitable[None]] = _open
        """Where a call waits until a test lets it through."""

    @property
    def struck(self) -> bool:
        return bool(self.struck_at)

    def strike(self, call: int, fault: Fault) -> None:
        """At the call of this number, counted from 0 and from now."""
        self._strike = len(self.calls) + call, fault

    async def before(self, call: str) -> Fault | None:
        """To be asked before each call; the answer is for `after`."""
        await self.gate()
        if self.dead:
            raise ProcessDiedError
        return self.begin(call)
