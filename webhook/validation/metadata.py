"""What the API server asks of the names in the metadata of any object."""

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
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
"""apimachinery, util/validation, IsDNS1123Label, which a namespace is."""
_LONGEST_NAME: Final = 253
_LONGEST_LABEL: Final = 63
_LONGEST_ECHO: Final = 80
_USE: Final = f"use lowercase letters, digits, '-' and '.', at most {_LONGEST_NAME} characters"


def metadata_remarks(content: Mapping[str, Any], subject: Reference) -> Iterator[Remark]:
    """Of metadata that is missing the schema tells, of names that have the wrong type the decoder."""
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
            _USE,
        )
    if isinstance(generated, str) and generated and not _is_subdomain(_without_trailing_dash(generated)):
        message = f"{generated[:_LONGEST_ECHO]!r} does not begin a name"
        yield _remark(subject, ("metadata", "generateName"), message, _USE)
    yield from _of_namespace(metadata.get("namespace"), subject)


def _of_namespace(namespace: Any, subject: Reference) -> Iterator[Remark]:
    """The decoder never gets it: whoever judges writes the namespace that counts in its place."""
    if namespace in (None, "") or (isinstance(namespace, str) and _is_label(namespace)):
        return
    yield _remark(
        subject,
        ("metadata", "namespace"),
        f"{repr(namespace)[:_LONGEST_ECHO]} is not a namespace",
        f"use lowercase letters, digits and '-', at most {_LONGEST_LABEL} characters",
    )


def _is_label(name: str) -> bool:
    return len(name) <= _LONGEST_LABEL and _LABEL.fullmatch(name) is not None


def _without_trailing_dash(prefix: str) -> str:
    """apimachinery, api/validation, maskTrailingDash: characters follow it."""
    return f"{prefix[:-2]}a" if len(prefix) > 1 and prefix.endswith("-") else prefix


def _is_subdomain(name: str) -> bool:
    return len(name) <= _LONGEST_NAME and _SUBDOMAIN.fullmatch(name) is not None


def _remark(subject: Reference, path: Path, message: str, remedy: str) -> Remark:
    finding = SCHEMA_INVALID.found(subject=subject, field=field_of(path), message=message, remedy=remedy)
    return Remark(finding, path)
