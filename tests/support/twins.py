"""For each code an operation can meet: a situation in which it is found, and the nearest in which it is not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

import msgspec

from tests.support.cases import Arrange
from tests.support.manifests import Json
from tests.support.operation_worlds import clone, copy_of_snapshot, healthy, restore
from tests.support.world import World
from webhook.api.operation import Mode
from webhook.facts.request import Request
from webhook.facts.user import Access, User

MODES: Final = tuple(str(mode) for mode in Mode)
EVERYWHERE: Final = frozenset(MODES)
BEST_EFFORT: Final = frozenset({str(Mode.BEST_EFFORT)})
NOWHERE: Final[frozenset[str]] = frozenset()

MAKE: Final[Mapping[str, Callable[..., Request]]] = {
    "Restore": restore,
    "Clone": clone,
    "CreateVirtualMachine": copy_of_snapshot,
}
TOLD: Final[Mapping[str, frozenset[str]]] = {
    "Restore": frozenset({"DisksWillBeReplaced"}),
    "Clone": frozenset({"GuestIdentityShared", "NewNetworkIdentity"}),
    "CreateVirtualMachine": frozenset({"GuestIdentityShared", "NewNetworkIdentity"}),
}
"""What is told of an operation that nothing stands in the way of."""
BOTH_COPIES: Final = ("Clone", "CreateVirtualMachine")
FROM_SNAPSHOTS: Final = ("Restore", "CreateVirtualMachine")
ALL: Final = ("Restore", *BOTH_COPIES)


def nothing(world: World) -> World:
    return world


@dataclass(frozen=True, slots=True, kw_only=True)
class Twin:
    """`wrong` and `right` change a healthy world; `asked_wrong` and `asked_right` are members of the request.

    `also` comes with the code and `without` is then not told; `also_right` is told of the other.
    """

    code: str
    type: str
    name: str
    wrong: Arrange = nothing
    right: Arrange = nothing
    asked_wrong: Json = field(default_factory=dict)
    asked_right: Json = field(default_factory=dict)
    also: frozenset[str] = NOWHERE
    also_right: frozenset[str] = NOWHERE
    without: frozenset[str] = NOWHERE
    without_right: frozenset[str] = NOWHERE
    advises_in: frozenset[str] = NOWHERE
    """Modes in which it only advises."""
    absent_in: frozenset[str] = NOWHERE
    """Modes in which it is not found."""
    refused: tuple[Access, ...] = ()

    def __str__(self) -> str:
        return f"{self.code} in {self.type}: {self.name}"

    def positive(self, mode: str) -> tuple[Request, World]:
        request = MAKE[self.type](mode, **self.asked_wrong)
        if self.refused:
            request = msgspec.structs.replace(request, user=User("jane"), refused=self.refused)
        return request, self.wrong(healthy(World()))

    def negative(self, mode: str) -> tuple[Request, World]:
        return MAKE[self.type](mode, **self.asked_right), self.right(healthy(World()))

    def expected(self, mode: str) -> frozenset[str]:
        found = NOWHERE if mode in self.absent_in else frozenset({self.code})
        return (TOLD[self.type] - self.without) | self.also | found

    def expected_right(self) -> frozenset[str]:
        return (TOLD[self.type] - self.without_right) | self.also_right

    def blocks(self, mode: str, *, can_block: bool) -> bool:
        return can_block and mode not in self.advises_in


def twins(code: str, types: tuple[str, ...], name: str, **described: object) -> tuple[Twin, ...]:
    return tuple(Twin(code=code, type=type_, name=name, **described) for type_ in types)  # type: ignore[arg-type]
