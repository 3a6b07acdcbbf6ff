"""What an unquoted word in a manifest means, to kubectl.

kubectl reads YAML with goyaml v2 (resolve.go), which is YAML 1.1 without sexagesimal numbers: `on` is a boolean, and
`52:54:00` is text.
"""

from __future__ import annotations

import re
from typing import Final

Scalar = str | int | float | bool | None

_WORDS: Final[dict[str, bool | None]] = {
    **dict.fromkeys(("y", "Y", "yes", "Yes", "YES", "true", "True", "TRUE", "on", "On", "ON"), True),
    **dict.fromkeys(("n", "N", "no", "No", "NO", "false", "False", "FALSE", "off", "Off", "OFF"), False),
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
}
_INTEGER: Final = re.compile(r"^[-+]?(?:0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]*|[1-9][0-9]*)$")
_OCTAL: Final = re.compile(r"^([-+]?)0(?=[0-7])")
_FLOAT: Final = re.compile(r"^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$")
_LONGEST_NUMBER: Final = 400
"""Longer ones are beyond any float, and cost quadratic time to read."""


def plain_scalar(text: str) -> Scalar:
    if text in _WORDS:
        return _WORDS[text]
    digits = text.replace("_", "")
    if len(digits) > _LONGEST_NUMBER:
        return text
    if _INTEGER.match(digits):
        return int(_OCTAL.sub(r"\g<1>0o", digits), 0)
    return float(digits) if _FLOAT.match(digits) else text
