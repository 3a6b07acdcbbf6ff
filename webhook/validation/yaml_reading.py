"""YAML to nodes, within limits: what is read may come from anyone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import yaml
from yaml import events

from webhook.validation.limits import Limits
from webhook.validation.node import Member, Node, Span
from webhook.validation.scalars import Scalar, plain_scalar

_MERGE: Final = "<<"
_NO_WORD: Final = "a member's name must be a word; a template with {{ }} has to be rendered first"
_TEXT_TAGS: Final = ("!", "tag:yaml.org,2002:str", "tag:yaml.org,2002:binary")

_RESERVED: Final = ("@", "`", "%")
"""Begin no word (YAML 1.1, 5.3)."""

_Loader: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where the wheel has it: some twenty times as fast."""


class UnreadableTextError(Exception):
    """The text is no YAML that can be taken, from `line` and `column` on (from 1; 0 when it cannot be told)."""

    def __init__(self, reason: str, line: int = 0, column: int = 0) -> None:
        super().__init__(reason)
        self.reason = reason
        self.line = line
        self.column = column


def read_yaml(text: str, limits: Limits, *, lines_before: int = 0, characters_before: int = 0) -> Iterator[Node]:
    """One node for each document that says anything. Raises UnreadableTextError, after what was readable.

    `text` may be a part of a longer one: places are told as if it were whole.
    """
    composer = _Composer(limits, lines_before, characters_before)
    try:
        yield from composer.documents(yaml.parse(text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        reason = error.problem or error.context or "this is not YAML"
        if mark is None:
            raise UnreadableTextError(reason) from error
        raise UnreadableTextError(_usual_mistake(text, mark) or reason, *composer.place(mark)) from error
    except (yaml.YAMLError, UnicodeError) as error:
        raise UnreadableTextError(_first_line(error)) from error


def _usual_mistake(text: str, mark: Any) -> str | None:
    """What the parser found there, where it is one of the two things that people stumble over."""
    line = text[mark.index - mark.column :].partition("\n")[0]
    indentation = line[: len(line) - len(line.lstrip())]
    if "\t" in indentation and mark.column <= len(indentation):
        return "indent with spaces, not with tabs"
    if line[mark.column : mark.column + 1] in _RESERVED:
        return f"put what begins with {line[mark.column]} in quotes"
    return None


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or ["this is not YAML"])[0]


@dataclass(slots=True)
class _Open:
    """A mapping or a list whose end has not come."""

    event: Any
    mapping: bool
    key: Node | None = None
    members: dict[str, Member] = field(default_factory=dict)
    merged: dict[str, Member] = field(default_factory=dict)
    items: list[Node] = field(default_factory=list)

    def take(self, node: Node) -> None:
        if not self.mapping:
            self.items.append(node)
        elif self.key is None:
            self.key = node
        else:
            key, self.key = self.key, None
            if key.scalar == _MERGE and not key.quoted:
                for source in reversed(node.items) if node.items is not None else (node,):
                    self.merged |= source.members or {}
            else:
                self.members[_name(key)] = Member(key.span, node)

    def closed(self, span: Span) -> Node:
        if self.mapping:
            members = {**self.merged, **self.members}
            return Node(span, members=members, size=1 + sum(member.node.size for member in members.values()))
        return Node(span, items=tuple(self.items), size=1 + sum(item.size for item in self.items))


def _name(key: Node) -> str:
    """JSON has no other names than texts; kubectl writes numbers and booleans as such."""
    if key.members is not None or key.items is not None:
        raise UnreadableTextError(_NO_WORD, key.span.line, key.span.column)
    match key.scalar:
        case str(text):
            return text
        case bool(truth):
            return "true" if truth else "false"
        case None:
            return "null"
        case number:
            return str(number)


class _Composer:
    """Events to nodes without recursion: PyYAML's own composer overflows the stack of the process on deep nesting."""

    def __init__(self, limits: Limits, lines_before: int, characters_before: int) -> None:
        self._limits = limits
        self._lines_before = lines_before
        self._characters_before = characters_before
        self._anchors: dict[str, Node] = {}
        self._nodes = 0

    def documents(self, stream: Iterator[Any]) -> Iterator[Node]:
        open_nodes: list[_Open] = []
        for event in stream:
            match event:
                case events.DocumentStartEvent():
                    self._anchors = {}
                case events.MappingStartEvent() | events.SequenceStartEvent():
                    if len(open_nodes) >= self._limits.depth:
                        raise self._refused(f"nested deeper than {self._limits.depth} levels", event)
                    mapping = isinstance(event, events.MappingStartEvent)
                    open_nodes.append(_Open(event, mapping))
                case events.MappingEndEvent() | events.SequenceEndEvent():
                    opened = open_nodes.pop()
                    span = self._span(opened.event.start_mark, event.end_mark)
                    node = self._kept(opened.closed(span), opened.event.anchor, event)
                    if not open_nodes:
                        yield node
                    else:
                        open_nodes[-1].take(node)
                case events.ScalarEvent() | events.AliasEvent():
                    node = self._leaf(event)
                    if open_nodes:
                        open_nodes[-1].take(node)
                    elif node.scalar is not None:
                        yield node

    def place(self, mark: Any) -> tuple[int, int]:
        return mark.line + 1 + self._lines_before, mark.column + 1

    def _span(self, start: Any, end: Any) -> Span:
        before = self._characters_before
        return Span(start.index + before, end.index + before, *self.place(start), *self.place(end))

    def _leaf(self, event: Any) -> Node:
        if isinstance(event, events.ScalarEvent):
            span = self._span(event.start_mark, event.end_mark)
            node = Node(span, _scalar(event), quoted=not event.implicit[0], text=event.value)
            return self._kept(node, event.anchor, event)
        if event.anchor not in self._anchors:
            raise self._refused(f"nothing before is called &{event.anchor}", event)
        node = self._anchors[event.anchor]
        self._count(node.size, event)
        return node

    def _kept(self, node: Node, anchor: str | None, event: Any) -> Node:
        self._count(1, event)
        if anchor is not None:
            self._anchors[anchor] = node
        return node

    def _count(self, nodes: int, event: Any) -> None:
        """Aliases count in full: a few of them can stand for billions of values."""
        self._nodes += nodes
        if self._nodes > self._limits.nodes:
            raise self._refused(f"more than {self._limits.nodes} values, aliases written out", event)

    def _refused(self, reason: str, event: Any) -> UnreadableTextError:
        return UnreadableTextError(reason, *self.place(event.start_mark))


def _scalar(event: Any) -> Scalar:
    plain = bool(event.implicit[0]) or (event.tag is not None and event.tag not in _TEXT_TAGS)
    return plain_scalar(event.value) if plain else str(event.value)
