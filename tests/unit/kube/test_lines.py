from __future__ import annotations

from collections.abc import AsyncIterator, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.kube.errors import UnreachableError
from webhook.kube.watching import split_lines


async def chunks(pieces: Sequence[bytes]) -> AsyncIterator[bytes]:
    for piece in pieces:
        yield piece


async def lines(pieces: Sequence[bytes], longest: int = 1 << 20) -> list[bytes]:
    return [line async for line in split_lines(chunks(pieces), longest=longest)]


@given(st.lists(st.binary(max_size=8).map(lambda piece: piece.replace(b"a", b"\n"))))
async def test_lines_do_not_depend_on_how_the_bytes_were_cut(pieces: list[bytes]) -> None:
    assert await lines(pieces) == b"".join(pieces).split(b"\n")[:-1]


async def test_what_follows_the_last_line_feed_is_dropped() -> None:
    assert await lines([b"whole\nbro", b"ken"]) == [b"whole"]


async def test_a_line_without_end_is_given_up() -> None:
    with pytest.raises(UnreachableError):
        await lines([b"x" * 600, b"x" * 600], longest=1000)


async def test_many_short_lines_are_not_one_long_one() -> None:
    assert len(await lines([b"x" * 600 + b"\n"] * 5, longest=1000)) == 5
