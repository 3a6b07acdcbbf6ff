"""Which ready snapshots are judged anew when what a restore of them needs comes or goes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

from webhook.api.cluster_virtual_image import CLUSTER_VIRTUAL_IMAGE
from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.network import CLUSTER_NETWORK, NETWORK
from webhook.api.storage import STORAGE_CLASS
from webhook.api.virtual_image import VIRTUAL_IMAGE
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_class import VIRTUAL_MACHINE_CLASS
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT, VirtualMachineSnapshot
from webhook.facts.indexes import MACHINE_SNAPSHOTS_BY_MACHINE, READY, READY_MACHINE_SNAPSHOTS, in_namespace
from webhook.facts.source import Index, Source
from webhook.reconciler.queue import Key
from webhook.reconciler.steps.restorable import position

GATHER_SECONDS: Final = 1.0
"""What changes together (a namespace that is filled, the first lists) is looked after together."""
PASSES_PER_SECOND: Final = 50.0
"""A pass takes well under a millisecond; people's own snapshots and operations come in between."""

_NEEDED: Final = frozenset(
    kind.name
    for kind in (
        VIRTUAL_IMAGE,
        CLUSTER_VIRTUAL_IMAGE,
        VIRTUAL_MACHINE_CLASS,
        STORAGE_CLASS,
        NETWORK,
        CLUSTER_NETWORK,
        VIRTUAL_MACHINE,
    )
)

_LookUp = tuple[Index[VirtualMachineSnapshot], str]


class RestorableSweep:
    """Which snapshots need an image stands in their saved settings, by which they cannot be found: all are asked that
    could, spread over time. What changes otherwise is found out by the look that each snapshot takes by itself."""

    def __init__(
        self,
        source: Source,
        *,
        again_after: Callable[[Key, float], None],
        later: Callable[[float, Callable[[], None]], object],
    ) -> None:
        """`again_after` asks for a pass after so many seconds; `later` calls something then, as call_later does."""
        self._source = source
        self._again_after = again_after
        self._later = later
        self._gathered: set[_LookUp] = set()

    def changed(self, kind: Kind[Any], old: Object | None, new: Object | None) -> None:
        """An Inventory listener."""
        if kind.name not in _NEEDED or _existence(old) == _existence(new):
            return
        if not self._gathered:
            self._later(GATHER_SECONDS, self._sweep)
        for side in (old, new):
            if side is not None:
                self._gathered.add(_concerned(kind, side))

    def _sweep(self) -> None:
        gathered, self._gathered = self._gathered, set()
        found = {each.metadata.uid: each for index, value in gathered for each in self._source.find(index, value)}
        spread = len(found) / PASSES_PER_SECOND
        for snapshot in found.values():
            metadata = snapshot.metadata
            key = Key(VIRTUAL_MACHINE_SNAPSHOT.name, metadata.namespace, metadata.name)
            self._again_after(key, spread * position(snapshot))


def _concerned(kind: Kind[Any], needed: Object) -> _LookUp:
    namespace = needed.metadata.namespace
    if kind is VIRTUAL_MACHINE:
        return MACHINE_SNAPSHOTS_BY_MACHINE, in_namespace(namespace, needed.metadata.name)
    return READY_MACHINE_SNAPSHOTS, in_namespace(namespace, READY) if kind.namespaced else READY


def _existence(side: Object | None) -> tuple[str, bool] | None:
    return None if side is None else (side.metadata.uid, side.metadata.deleting)
