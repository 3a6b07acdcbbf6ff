"""YAML read so that every value knows its line."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

import yaml
from msgspec import Struct
from yaml.reader import ReaderError

Location = tuple[str | int, ...]
"""As pydantic says it: `("escapes", 0, "codes")`."""


class YamlError(Exception):
    """Not one YAML document of mappings, lists and texts. The message begins with the line."""


class Positioned(Struct, frozen=True):
    """`value` holds mappings, lists and texts only: in `off` or `1` nothing is guessed."""

    value: Any
    lines: Mapping[Location, int]

    def line(self, location: Location) -> int:
        """Of the value, or of the innermost that surrounds a value which is not there."""
        while location and location not in self.lines:
            location = location[:-1]
        return self.lines.get(location, 1)


_DEEPEST: Final = 20
"""A policy has four levels; thousands of them end the stack."""
_NULLS: Final = frozenset({"", "~", "null"})


def read_yaml(text: str) -> Positioned:
    """Raises YamlError."""
    try:
        # An alias may contain itself, or unfold into gigabytes.
        depth = 0
        for event in yaml.parse(text, Loader=yaml.BaseLoader):
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise YamlError(f"{_line(event.start_mark)}: nested deeper than {_DEEPEST} levels")
            if isinstance(event, yaml.AliasEvent):
                raise YamlError(f"{_line(event.start_mark)}: aliases are not read; write it out")
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlError(f"{_line(mark)}: {error.problem or error.context}") from error
    except ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        raise YamlError(f"{line}: a character that YAML does not allow") from error
    if node is None:
        raise YamlError("1: the file is empty")
    lines: dict[Location, int] = {}
    return Positioned(_value(node, (), lines), lines)


def _value(node: yaml.Node, location: Location, lines: dict[Location, int]) -> Any:
    lines.setdefault(location, _line(node.start_mark))
    if isinstance(node, yaml.MappingNode):
        return {key: _value(value, (*location, key), lines) for key, value in _members(node, location, lines)}
    if isinstance(node, yaml.SequenceNode):
        return [_value(each, (*location, index), lines) for index, each in enumerate(node.value)]
    plain = isinstance(node, yaml.ScalarNode) and not node.style
    return None if plain and node.value in _NULLS else node.value


def _members(node: yaml.MappingNode, location: Location, lines: dict[Location, int]) -> Iterator[tuple[str, yaml.Node]]:
    """A member is where its key is."""
    for key, value in node.value:
        line = _line(key.start_mark)
        if not isinstance(key, yaml.ScalarNode):
            raise YamlError(f"{line}: a key is a single word")
        if (*location, key.value) in lines:
            raise YamlError(f"{line}: {key.value} is there twice")
        lines[*location, key.value] = line
        yield key.value, value


def _line(mark: Any) -> int:
    return mark.line + 1 if mark is not None else 1
