"""What the decoder says about an object, in the words of whoever wrote it."""

from __future__ import annotations

import re
from typing import Final

from webhook.api.reference import Reference
from webhook.findings.across import SCHEMA_INVALID
from webhook.findings.finding import Finding

_PLACE: Final = re.compile(r"^(?P<what>.*?)(?: - at `(?:key in )?\$\.?(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING: Final = re.compile(r"^Object missing required field `(?P<name>[^`]+)`$")
_TYPE: Final = re.compile(r"^Expected `(?P<expected>[^`]+)`, got `(?P<got>[^`]+)`$")
_BELOW_NEW_NAME: Final = re.compile(r"(?<=\.to)\.name$")
_JSON_TYPES: Final = {"str": "string", "int": "integer", "float": "number", "bool": "boolean", "null": "null"}


def shape_finding(complaint: str, subject: Reference) -> Finding:
    """A SchemaInvalid finding from the text of a msgspec.ValidationError."""
    place = _PLACE.match(complaint)
    what, path = (place["what"], place["path"] or "") if place else (complaint, "")
    path = path.replace("[...]", "[*]")
    missing = _MISSING.match(what)
    if missing is not None:
        path = f"{path}.{missing['name']}" if path else missing["name"]
    return SCHEMA_INVALID.found(
        subject=subject,
        field=path,
        message="this field is required" if missing is not None else _in_json_types(what),
        remedy=f"see: kubectl explain {subject.kind.lower()}{_explained(path)}",
    )


def _in_json_types(what: str) -> str:
    mismatch = _TYPE.match(what)
    if mismatch is None:
        return what
    expected, got = (_alternatives(mismatch[group]) for group in ("expected", "got"))
    return f"expected {expected}, got {got}"


def _alternatives(types: str) -> str:
    return " or ".join(_JSON_TYPES.get(each, each) for each in types.split(" | "))


def _explained(path: str) -> str:
    """kubectl explain takes no list or map positions, and knows nothing below a field without a type."""
    fields = _BELOW_NEW_NAME.sub("", re.sub(r"\[[^\]]*\]", "", path))
    return f".{fields}" if fields else ""
