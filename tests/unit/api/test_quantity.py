from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webhook.api.quantity import QUANTITY_SCHEMA, exceeds, parse_quantity

ORACLE = {
    "": Fraction(1),
    "n": Fraction(1, 10**9),
    "u": Fraction(1, 10**6),
    "m": Fraction(1, 10**3),
    "k": Fraction(10**3),
    "M": Fraction(10**6),
    "G": Fraction(10**9),
    "T": Fraction(10**12),
    "P": Fraction(10**15),
    "E": Fraction(10**18),
    "Ki": Fraction(2**10),
    "Mi": Fraction(2**20),
    "Gi": Fraction(2**30),
    "Ti": Fraction(2**40),
    "Pi": Fraction(2**50),
    "Ei": Fraction(2**60),
}
EXPONENTS = {f"{letter}{power}": Fraction(10) ** power for letter in "eE" for power in range(-9, 19)}
SUFFIXES = ORACLE | EXPONENTS


@pytest.mark.parametrize(
    ("text", "units"),
    [
        ("0", 0),
        ("1073741824", 2**30),
        ("1Gi", 2**30),
        ("10Gi", 10 * 2**30),
        ("1.5G", 1_500_000_000),
        (".5Gi", 2**29),
        ("1.", 1),
        ("+1Ki", 1024),
        ("-1Ki", -1024),
        ("100m", Decimal("0.1")),
        ("1e3", 1000),
        ("1E3", 1000),
        ("1E", 10**18),
        ("12e-1", Decimal("1.2")),
    ],
)
def test_a_quantity_is_read_as_apimachinery_reads_it(text: str, units: Decimal | int) -> None:
    assert parse_quantity(text) == units


@pytest.mark.parametrize(
    "text",
    [
        "",
        ".",
        "Gi",
        "ten",
        "1 Gi",
        " 1Gi",
        "1Gi\n",
        "1gi",
        "1K",
        "1e",
        "1e1.5",
        "1Gi2",
        "0x10",
        "1_000",
        "\N{ARABIC-INDIC DIGIT ONE}Gi",
    ],
)
def test_what_is_no_quantity_has_no_value(text: str) -> None:
    assert parse_quantity(text) is None
    assert not exceeds(text, "1")
    assert not exceeds("1", text)


@pytest.mark.parametrize(
    "text",
    [pytest.param("1e99999999999999999999", id="exponent"), pytest.param("9" * 1_000_100 + "Gi", id="digits")],
)
def test_a_number_beyond_all_numbers_has_no_value(text: str) -> None:
    assert parse_quantity(text) is None


@given(
    whole=st.integers(min_value=-(10**12), max_value=10**12),
    decimals=st.text("0123456789", max_size=6),
    suffix=st.sampled_from(sorted(SUFFIXES)),
)
def test_a_quantity_is_its_number_times_its_suffix(whole: int, decimals: str, suffix: str) -> None:
    number = f"{whole}.{decimals}" if decimals else f"{whole}"
    value = parse_quantity(number + suffix)
    assert value is not None
    assert Fraction(value) == Fraction(number) * SUFFIXES[suffix]


@given(st.text(alphabet="0123456789.+-eEKMGiknum \n", max_size=12))
def test_what_is_read_is_what_the_schema_lets_pass(text: str) -> None:
    if parse_quantity(text) is not None:
        assert re.fullmatch(QUANTITY_SCHEMA["pattern"], text)


@given(st.text())
def test_no_text_raises(text: str) -> None:
    parse_quantity(text)


@given(st.sampled_from(sorted(SUFFIXES)), st.sampled_from(sorted(SUFFIXES)))
def test_one_size_exceeds_another_when_its_value_is_larger(first: str, second: str) -> None:
    assert exceeds(f"1{first}", f"1{second}") == (SUFFIXES[first] > SUFFIXES[second])
