from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from webhook.content.secret import content_digest

CONTENTS = st.dictionaries(st.text(max_size=3), st.binary(max_size=4), max_size=3)


@given(one=CONTENTS, other=CONTENTS)
def test_different_contents_have_different_digests(one: dict[str, bytes], other: dict[str, bytes]) -> None:
    assert (content_digest(one) == content_digest(other)) == (one == other)


def test_bytes_that_move_from_a_value_to_the_next_key_change_the_digest() -> None:
    assert content_digest({"a": b"b", "c": b""}) != content_digest({"a": b"", "bc": b""})


def test_digest_names_its_algorithm() -> None:
    assert re.fullmatch(r"sha256:[0-9a-f]{64}", content_digest({"vm": b"{}"}))


def test_order_of_keys_does_not_change_the_digest() -> None:
    assert content_digest({"a": b"1", "b": b"2"}) == content_digest({"b": b"2", "a": b"1"})
