"""A denial is sent only when the cluster itself still says so."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, Protocol, TypeVar

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.evaluation.evaluate import Evaluation, evaluate
from webhook.facts.request import Request
from webhook.facts.source import Index, Source
from webhook.findings.policy import Policy
from webhook.inventory.live import LiveReadError
from webhook.inventory.recording import ReadSet, RecordingSource

T = TypeVar("T", bound=Object)

_ROUNDS: Final = 4
"""A machine that the cache did not know leads to disks, they to claims, and those to classes: each round reads one step
further."""


class ReadLive(Protocol):
    async def __call__(self, reads: ReadSet, /) -> Source:
        """These objects and look-ups as the API server has them now. Raises LiveReadError."""
        ...


async def confirm(request: Request, known: Source, policy: Policy, read_live: ReadLive) -> Evaluation:
    """Evaluate over live reads of everything that the evaluation over `known` looked at, absent objects included.

    What only the live objects lead to is taken from `known`, and read in the next round if the request is still denied.

    Raises LiveReadError and UnreadableError.
    """
    recording = RecordingSource(known)
    evaluation = evaluate(request, recording, policy)
    seen = ReadSet()
    for _ in range(_ROUNDS):
        wanted = _both(seen, recording.reads)
        if not evaluation.denied or wanted == seen:
            return evaluation
        seen = wanted
        recording = RecordingSource(_Overlay(await read_live(seen), seen, known))
        evaluation = evaluate(request, recording, policy)
    if evaluation.denied and _both(seen, recording.reads) != seen:
        raise LiveReadError(f"what this rests on changed with each of {_ROUNDS} reads")
    return evaluation


def _both(first: ReadSet, second: ReadSet) -> ReadSet:
    return ReadSet(first.gets | second.gets, first.finds | second.finds)


class _Overlay:
    """Live where it was read, what is known elsewhere."""

    def __init__(self, live: Source, seen: ReadSet, known: Source) -> None:
        self._live = live
        self._seen = seen
        self._known = known

    def knows(self, kind: Kind[Any]) -> bool:
        return self._known.knows(kind) and self._live.knows(kind)

    def get(self, kind: Kind[T], namespace: str, name: str) -> T | None:
        source = self._live if (kind, namespace, name) in self._seen.gets else self._known
        return source.get(kind, namespace, name)

    def find(self, index: Index[T], value: str) -> Sequence[T]:
        source = self._live if (index, value) in self._seen.finds else self._known
        return source.find(index, value)
