from __future__ import annotations

import pytest

from webhook.validation.scalars import Scalar, plain_scalar


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("linux-vm", "linux-vm"),
        ("yes", True),
        ("Off", False),
        ("y", True),
        ("~", None),
        ("", None),
        ("12", 12),
        ("-7", -7),
        ("1_000", 1000),
        ("007", 7),
        ("-010", -8),
        ("0x1F", 31),
        ("08", 8.0),
        ("1.5", 1.5),
        ("1e3", 1000.0),
        (".5", 0.5),
        ("52:54:00", "52:54:00"),
        ("2026-01-02", "2026-01-02"),
        ("10Gi", "10Gi"),
        ("1.2.3", "1.2.3"),
        ("-", "-"),
    ],
)
def test_word_means_what_it_means_to_kubectl(written: str, read: Scalar) -> None:
    got = plain_scalar(written)
    assert (type(got), got) == (type(read), read)


def test_number_of_a_million_digits_is_text() -> None:
    assert plain_scalar("9" * 1_000_000) == "9" * 1_000_000
