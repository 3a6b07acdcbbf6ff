from __future__ import annotations

import json
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support.documents import MACHINE_SNAPSHOT, read
from webhook.validation.documents import Document, Unreadable, read_documents
from webhook.validation.limits import OF_REQUESTS, Limits

LAUGHS = "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]\n" + "".join(
    f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]\n" for i in range(1, 12)
)


def contents(text: str) -> list[Any]:
    return [each.content if isinstance(each, Document) else str(each) for each in read(text)]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 1\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("---\n# nothing\n---\na: 1\n---\n", [{"a": 1}]),
        ("%YAML 1.1\n---\na: 1\n...\n---\nb: 2\n", [{"a": 1}, {"b": 2}]),
        ("\ufeffa: 1\n", [{"a": 1}]),
        ("a: 1\r\nb: 2\r\n", [{"a": 1, "b": 2}]),
        ('{"a": 1}\n{"b":\t[true]}', [{"a": 1}, {"b": [True]}]),
        ('{"a": "\\ud83d\\ude00"}', [{"a": "😀"}]),
        ("{a: 1}", [{"a": 1}]),
        ('a: 1\n---\n{"b": 2}\n', [{"a": 1}, {"b": 2}]),
        (
            "a: &x {b: on}\nc: *x\nd:\n  <<: *x\n  e: 1\n",
            [{"a": {"b": True}, "c": {"b": True}, "d": {"b": True, "e": 1}}],
        ),
        ("1: one\ntrue: yes\n", [{"1": "one", "true": True}]),
        ("a: |\n  ---\n  b\n", [{"a": "---\nb\n"}]),
        ("", []),
    ],
)
def test_text_is_read_as_kubectl_reads_it(text: str, expected: list[Any]) -> None:
    assert contents(text) == expected


def test_items_of_lists_are_documents_and_say_where_they_are() -> None:
    nested = {"kind": "List", "items": [{"kind": "A"}, {"kind": "B", "items": [1]}]}
    sources = [each.source for each in read(f"x: 1\n---\n{json.dumps(nested)}") if isinstance(each, Document)]
    assert sources == ["a.yaml:1", "a.yaml:2.items[0]", "a.yaml:2.items[1]"]


def test_what_cannot_be_read_is_told_with_its_place_and_ends_nothing_else() -> None:
    assert contents("a: 1\n---\nb: [\n---\nc: 1\n") == [
        {"a": 1},
        "a.yaml:4:1: did not find expected node content",
        {"c": 1},
    ]


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: b: c", 1, 5),
        ("a: *b", 1, 4),
        ("? [a]\n: b", 1, 3),
        ("---\n---\nkey: 1\n\tb: 2", 4, 1),
    ],
)
def test_place_of_what_cannot_be_read_counts_from_the_top_of_the_file(text: str, line: int, column: int) -> None:
    (unreadable,) = read(text)
    assert isinstance(unreadable, Unreadable)
    assert (unreadable.line, unreadable.column) == (line, column)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a:\n\tb: c\n", "a.yaml:2:1: indent with spaces, not with tabs"),
        ("a: b\n\tc: d\n", "a.yaml:2:1: indent with spaces, not with tabs"),
        ("---\nb: 1\n---\n# ü\na: @x\n", "a.yaml:5:4: put what begins with @ in quotes"),
        ("a: [1,\n\t2, `x`]\n", "a.yaml:2:5: put what begins with ` in quotes"),
        (
            "kind: {{ .Values.kind }}\n",
            "a.yaml:1:8: a member's name must be a word; a template with {{ }} has to be rendered first",
        ),
    ],
)
def test_usual_mistakes_are_told_in_plain_words(text: str, told: str) -> None:
    assert [str(each) for each in read(text) if isinstance(each, Unreadable)] == [told]


@pytest.mark.parametrize(
    "text", [LAUGHS, "[" * 1_000_000, '{"a":' * 100_000, "- " * 100_000, json.dumps([0] * 200_000)]
)
def test_text_that_would_take_all_memory_or_stack_is_refused(text: str) -> None:
    (refused,) = read_documents(text, "a.yaml", OF_REQUESTS)
    assert isinstance(refused, Unreadable)


def test_objects_beyond_the_limit_are_not_read() -> None:
    read = list(read_documents("a: 1\n---\n" * 5, "a.yaml", Limits(depth=9, nodes=99, documents=3)))
    assert [str(each) for each in read[3:]] == ["a.yaml: more than 3 objects at once"]


def test_places_are_those_of_the_whole_text() -> None:
    text = f"# one\n---\n{MACHINE_SNAPSHOT}"
    (each,) = read(text)
    assert isinstance(each, Document)
    span = each.place(("spec", "virtualMachineName"))
    assert span is not None
    assert (text[span.start : span.end], span.line, span.column) == ("virtualMachineName", 8, 3)


values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(codec="ascii")), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.text("abc", min_size=1), values, min_size=1))
def test_json_is_read_as_it_was_written(content: dict[str, Any]) -> None:
    assert contents(json.dumps(content, indent="\t")) == [content]


@given(st.dictionaries(st.text("abc", min_size=1), st.text("abcxyz019: -#'\"\n"), min_size=1))
def test_yaml_is_read_as_it_was_written(content: dict[str, str]) -> None:
    assert contents(yaml.safe_dump(content, default_style='"')) == [content]


@given(st.text() | st.text("ab:-{}[]&*!|>'\"#%@, \n\t?~0"))
def test_any_text_ends_in_documents_or_in_what_is_wrong_with_it(text: str) -> None:
    for each in read_documents(text, "a.yaml", OF_REQUESTS):
        assert isinstance(each, Document | Unreadable)


def test_items_of_a_typed_list_are_of_its_kind() -> None:
    text = '{"apiVersion": "v1", "kind": "SecretList", "items": [{"metadata": {"name": "a"}}]}'
    assert contents(text) == [{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "a"}}]


def test_lists_in_lists_are_taken_apart() -> None:
    text = '{"kind": "List", "items": [{"kind": "List", "items": [{"kind": "A"}]}, {"kind": "B"}]}'
    assert [each.source for each in read(text) if isinstance(each, Document)] == [
        "a.yaml:1.items[0].items[0]",
        "a.yaml:1.items[1]",
    ]


def test_half_of_a_surrogate_pair_is_unreadable() -> None:
    (unreadable,) = read('{"kind": "Secret", "metadata": {"name": "x\\ud800"}}')
    assert isinstance(unreadable, Unreadable)


def test_surrogate_pairs_are_characters() -> None:
    assert contents('{"a": "\\ud83d\\ude00"}') == [{"a": "\U0001f600"}]
