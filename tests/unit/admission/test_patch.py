from __future__ import annotations

from typing import Any

import jsonpatch
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.admission.patch import PatchOperation, patch, pointer

TEXT = st.text(st.sampled_from("a~/é0\u2028"), max_size=3)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)


def as_sent(operations: tuple[PatchOperation, ...]) -> list[dict[str, Any]]:
    sent: list[dict[str, Any]] = msgspec.json.decode(msgspec.json.encode(operations))
    return sent


def same(first: Any, second: Any) -> bool:
    return msgspec.json.encode(first, order="sorted") == msgspec.json.encode(second, order="sorted")


@given(before=VALUES, after=VALUES)
def test_patch_makes_the_one_of_the_other(before: Any, after: Any) -> None:
    document = {"at/~": before}
    applied = jsonpatch.apply_patch(document, as_sent(patch(before, after, pointer("at/~"))))
    assert same(applied, {"at/~": after})


@given(value=VALUES)
def test_nothing_is_done_where_nothing_differs(value: Any) -> None:
    assert patch(value, msgspec.json.decode(msgspec.json.encode(value))) == ()


@pytest.mark.parametrize(
    ("before", "after", "operations"),
    [
        ({"a": 1}, {"a": 2}, [{"op": "replace", "path": "/a", "value": 2}]),
        ({}, {"a/b~c": 1}, [{"op": "add", "path": "/a~1b~0c", "value": 1}]),
        ({"a": 1, "b": 2}, {"b": 2}, [{"op": "remove", "path": "/a"}]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1]}}, [{"op": "replace", "path": "/a/b", "value": [1]}]),
        ({"a": None}, {}, [{"op": "remove", "path": "/a"}]),
        ({}, {"a": None}, [{"op": "add", "path": "/a", "value": None}]),
        ({"a": True}, {"a": 1}, [{"op": "replace", "path": "/a", "value": 1}]),
        ({"a": 1, "b": 1}, {"b": 1, "a": 1}, []),
    ],
)
def test_only_what_differs_is_patched(before: Any, after: Any, operations: list[dict[str, Any]]) -> None:
    assert as_sent(patch(before, after)) == operations
