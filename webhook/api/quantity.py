"""resource.Quantity: a number with a suffix, as sizes are written in Kubernetes."""

from __future__ import annotations

import re
from decimal import Context, Decimal, DecimalException
from typing import Final

QuantityText = str
"""A size as its author wrote it, `10Gi`; `""` when absent."""

QUANTITY_SCHEMA: Final = {
    "pattern": r"^(\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))"
    r"(([KMGTPE]i)|[numkMGTPE]|([eE](\+|-)?(([0-9]+(\.[0-9]*)?)|(\.[0-9]+))))?$",
}

_NUMBER: Final = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(\D.*)?", re.ASCII)
_BINARY: Final = {f"{letter}i": Decimal(1024) ** power for power, letter in enumerate("KMGTPE", start=1)}
_DECIMAL: Final = {
    "n": Decimal("1e-9"),
    "u": Decimal("1e-6"),
    "m": Decimal("1e-3"),
    "": Decimal(1),
    **{letter: Decimal(1000) ** power for power, letter in enumerate("kMGTPE", start=1)},
}
_SUFFIXES: Final = _BINARY | _DECIMAL
_EXPONENT: Final = re.compile(r"[eE][+-]?\d+", re.ASCII)
_EXACT: Final = Context(prec=64)
"""Two sizes that differ in their last digit must differ; the default 28 digits round a long fraction of `Ei`."""


def parse_quantity(text: QuantityText) -> Decimal | None:
    """The value in units (bytes, for sizes); None when the text is no quantity, or one beyond any number.

    The grammar is apimachinery's resource.Quantity: `10Gi`, `1.5G`, `1e3`, `100m`.
    """
    match = _NUMBER.fullmatch(text)
    if match is None:
        return None
    number, suffix = match.group(1), match.group(2) or ""
    try:
        if suffix in _SUFFIXES:
            return _EXACT.multiply(Decimal(number), _SUFFIXES[suffix])
        return Decimal(text) if _EXPONENT.fullmatch(suffix) else None
    except DecimalException:
        return None


def exceeds(size: QuantityText, other: QuantityText) -> bool:
    """Whether the first is larger; False when either is absent or no quantity."""
    first, second = parse_quantity(size), parse_quantity(other)
    return first is not None and second is not None and first > second
