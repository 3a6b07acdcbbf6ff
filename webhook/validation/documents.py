"""Text to the objects in it, each with the place it comes from."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Final, NoReturn

from webhook.validation.limits import Limits
from webhook.validation.node import Node, Path, Span
from webhook.validation.yaml_reading import UnreadableTextError, read_yaml

_WHITESPACE: Final = " \t\r\n"
_LIST: Final = "List"
BYTE_ORDER_MARK: Final = "\ufeff"
_DIVIDER: Final = re.compile(r"^---(?=\s|$)", re.MULTILINE)
_SAYS_NOTHING: Final = re.compile(r"(?:---)?(?:[ \t]*(?:[#%][^\n]*)?(?:\n|$))*")


@dataclass(frozen=True)
class Document:
    """One object. `source` is the file and the number of the document in it, `restore.yaml:2`; in a List the position
    too, `all.yaml:1.items[3]`."""

    source: str
    file: str
    content: Any = field(repr=False)
    node: Node | None = field(default=None, repr=False)
    """Where its parts are written; None when that cannot be told."""
    text: str = field(default="", repr=False)
    """All of the file: places are places in it. Not in the repr, which asyncio makes of what a task returns."""

    @cached_property
    def object(self) -> dict[str, Any] | None:
        return self.content if isinstance(self.content, dict) else None

    def place(self, path: Path) -> Span | None:
        return None if self.node is None else self.node.nearest(path)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A text, or the rest of one, that could not be taken. Line and column count from 1; 0 when they cannot be told."""

    file: str
    reason: str
    line: int = 0
    column: int = 0

    def __str__(self) -> str:
        place = f":{self.line}:{self.column}" if self.line else ""
        return f"{self.file}{place}: {self.reason}"


def read_documents(text: str, file: str, limits: Limits) -> Iterator[Document | Unreadable]:
    """What is unreadable ends its own document, not those after it."""
    left, text = limits.documents, text.removeprefix(BYTE_ORDER_MARK)
    for number, part in enumerate(_parts(text), start=1):
        try:
            for content, node in _contents(part, limits):
                for each in _flattened(Document(f"{file}:{number}", file, content, node, text)):
                    if left == 0:
                        yield _too_many(file, limits)
                        return
                    left -= 1
                    yield each
        except UnreadableTextError as error:
            yield Unreadable(file, error.reason, error.line, error.column)


def documents_of(content: Any, file: str, limits: Limits) -> Iterator[Document | Unreadable]:
    """Of one JSON value, without places."""
    try:
        _check_size([content], limits)
    except UnreadableTextError as error:
        yield Unreadable(file, error.reason)
        return
    flattened = list(_flattened(Document(f"{file}:1", file, content)))
    yield from flattened[: limits.documents]
    if len(flattened) > limits.documents:
        yield _too_many(file, limits)


@dataclass(frozen=True, slots=True)
class _Part:
    text: str
    lines_before: int
    characters_before: int


def _parts(text: str) -> Iterator[_Part]:
    """The documents of a text, divided where kubectl divides it before it parses any (apimachinery, util/yaml)."""
    start, lines = 0, 0
    for end in [*(match.start() for match in _DIVIDER.finditer(text) if match.start() > 0), len(text)]:
        part = text[start:end]
        if not _SAYS_NOTHING.fullmatch(part):
            yield _Part(part, lines, start)
        start, lines = end, lines + part.count("\n")


def _contents(part: _Part, limits: Limits) -> Iterator[tuple[Any, Node | None]]:
    """kubectl takes a text for JSON when it begins with a brace (apimachinery, util/yaml/decoder.go)."""
    if part.text.lstrip(_WHITESPACE).startswith("{"):
        values = _json(part.text)
        if values is not None:
            _check_size(values, limits)
            _check_characters(values)
            yield from zip(values, _places(values, part, limits), strict=True)
            return
    for node in _nodes(part, limits):
        yield node.value, node


def _nodes(part: _Part, limits: Limits) -> Iterator[Node]:
    return read_yaml(part.text, limits, lines_before=part.lines_before, characters_before=part.characters_before)


def _json(text: str) -> list[Any] | None:
    """The values of one JSON text after another; None when it is not JSON, and may still be YAML in flow style."""
    decoder = json.JSONDecoder(parse_constant=_no_constant)
    values, position = [], 0
    try:
        while position < len(text):
            value, position = decoder.raw_decode(text, position + _blank(text, position))
            values.append(value)
            position += _blank(text, position)
    except (ValueError, RecursionError):
        return None
    return values


def _check_size(values: Iterable[Any], limits: Limits) -> None:
    """What YAML is refused for while it is read. Raises UnreadableTextError."""
    counted, level = 0, list(values)
    for _ in range(limits.depth + 1):
        counted += len(level)
        if counted > limits.nodes:
            raise UnreadableTextError(f"more than {limits.nodes} values")
        nested = [each.values() if isinstance(each, dict) else each for each in level if isinstance(each, dict | list)]
        level = [value for container in nested for value in container]
        if not level:
            return
    raise UnreadableTextError(f"nested deeper than {limits.depth} levels")


def _check_characters(values: list[Any]) -> None:
    """Half of a surrogate pair is no character, and nobody could print it. Raises UnreadableTextError."""
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        raise UnreadableTextError("half of a surrogate pair, \\ud800 to \\udfff, is no character") from error


def _blank(text: str, position: int) -> int:
    end = position
    while end < len(text) and text[end] in _WHITESPACE:
        end += 1
    return end - position


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _places(values: list[Any], part: _Part, limits: Limits) -> list[Node | None]:
    """JSON is YAML but for tabs between values and escapes of surrogates; without those there are places."""
    try:
        nodes = list(_nodes(replace(part, text=part.text.replace("\t", " ")), limits))
    except UnreadableTextError:
        nodes = []
    return [*nodes] if len(nodes) == len(values) else [None] * len(values)


def _too_many(file: str, limits: Limits) -> Unreadable:
    return Unreadable(file, f"more than {limits.documents} objects at once")


def _flattened(document: Document) -> Iterator[Document]:
    """As kubectl takes Lists apart (apimachinery, unstructured/helpers.go)."""
    content = document.object or {}
    items, kind = content.get("items"), str(content.get("kind", ""))
    if not (isinstance(items, list) and kind.endswith(_LIST)):
        if document.content is not None:
            yield document
        return
    inherited = {"apiVersion": content.get("apiVersion"), "kind": kind.removesuffix(_LIST)}
    for position, item in enumerate(items):
        node = document.node.at(("items", position)) if document.node is not None else None
        if kind != _LIST and isinstance(item, dict):
            item = inherited | item  # noqa: PLW2901 - of a SecretList, whose items need not say what they are
        yield from _flattened(
            Document(f"{document.source}.items[{position}]", document.file, item, node, document.text)
        )
