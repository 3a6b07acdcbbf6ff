"""What the API server asks of the name of any object."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from webhook.api.reference import Reference
from webhook.findings.across import SCHEMA_INVALID
from webhook.validation.field_path import field_of
from webhook.validation.node import Path
from webhook.validation.remark import Remark

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
"""apimachinery, util/validation, IsDNS1123Subdomain."""
_LONGEST_NAME: Final = 253
_LONGEST_ECHO: Final = 80


def metadata_remarks(content: Mapping[str, Any], subject: Reference) -> Iterator[Remark]:
    """Of metadata that is missing the schema tells, of members that have the wrong type the decoder."""
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        return
    name, generated = metadata.get("name"), metadata.get("generateName")
    if not name and not generated:
        yield _remark(subject, ("metadata", "name"), "this field is required", "name the object")
    elif isinstance(name, str) and not _is_subdomain(name):
        yield _remark(
            subject,
            ("metadata", "name"),
            f"{name[:_LONGEST_ECHO]!r} is not a name",
            f"use lowercase letters, digits, '-' and '.', at most {_LONGEST_NAME} characters",
        )


def _is_subdomain(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and _SUBDOMAIN.fullmatch(name) is not None


def _remark(subject: Reference, path: Path, message: str, remedy: str) -> Remark:
    finding = SCHEMA_INVALID.found(subject=subject, field=field_of(path), message=message, remedy=remedy)
    return Remark(finding, path)
