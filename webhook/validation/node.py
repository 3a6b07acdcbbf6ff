"""A document as values together with where each was written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from webhook.validation.scalars import Scalar

Path = tuple[str | int, ...]
"""Member names and list positions, from the top of an object."""


@dataclass(frozen=True, slots=True)
class Span:
    """Characters of a text, from `start` up to before `end`; line and column count from 1."""

    start: int
    end: int
    line: int
    column: int
    end_line: int
    end_column: int


@dataclass(frozen=True, slots=True)
class Node:
    """A scalar, or members, or items."""

    span: Span
    scalar: Scalar = None
    members: Mapping[str, Member] | None = None
    items: tuple[Node, ...] | None = None
    quoted: bool = False
    text: str = ""
    """A scalar as it was written, without quotes."""
    size: int = 1
    """Values in it, itself included, aliases written out."""

    @property
    def value(self) -> Any:
        """As JSON would be decoded."""
        if self.members is not None:
            return {name: member.node.value for name, member in self.members.items()}
        if self.items is not None:
            return [item.value for item in self.items]
        return self.scalar

    def child(self, step: str | int) -> Node | None:
        if isinstance(step, str):
            member = (self.members or {}).get(step)
            return None if member is None else member.node
        items = self.items or ()
        return items[step] if 0 <= step < len(items) else None

    def at(self, path: Path) -> Node | None:
        node: Node | None = self
        for step in path:
            node = None if node is None else node.child(step)
        return node

    def nearest(self, path: Path) -> Span:
        """Where to look for what `path` names: the last part of it that is there. A member starts at its name."""
        node, span = self, self.span
        for step in path:
            member = (node.members or {}).get(step) if isinstance(step, str) else None
            child = node.child(step)
            if child is None:
                return span
            node, span = child, (member.key if member is not None else child.span)
        return span


@dataclass(frozen=True, slots=True)
class Member:
    key: Span
    node: Node
