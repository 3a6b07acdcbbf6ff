from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from webhook.reconciler.status.merge import merge_patch

LEAVES = st.one_of(st.booleans(), st.integers(), st.text(max_size=3), st.lists(st.integers(), max_size=2))
VALUES = st.recursive(LEAVES, lambda inner: st.dictionaries(st.text(max_size=2), inner, max_size=3), max_leaves=8)
OBJECTS = st.dictionaries(st.text(max_size=2), VALUES, max_size=4)


def applied(target: Any, patch: Any) -> Any:
    """MergePatch as RFC 7396 section 2 writes it."""
    if not isinstance(patch, dict):
        return patch
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = applied(result.get(name), value)
    return result


@given(old=OBJECTS, new=OBJECTS)
def test_patch_turns_one_into_the_other(old: dict[str, Any], new: dict[str, Any]) -> None:
    assert applied(old, merge_patch(old, new)) == new


@given(same=OBJECTS)
def test_patch_of_what_is_equal_is_empty(same: dict[str, Any]) -> None:
    assert merge_patch(same, same) == {}


def test_patch_takes_away_what_is_gone_inside() -> None:
    old = {"freeze": {"attempt": 1, "thawedAt": "x"}, "consistent": True}
    assert merge_patch(old, {"freeze": {"attempt": 2}}) == {
        "freeze": {"attempt": 2, "thawedAt": None},
        "consistent": None,
    }
