"""What the API server asks of the names in the metadata of any object."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from webhook.api.reference import Reference
from webhook.findings.across import SCHEMA_INVALID
from webhook.validation.field_path import field_of
from webhook.validation.node import Node, Path
from webhook.validation.remark import Remark
from webhook.validation.shape import no_object, not_a_text

_SUBDOMAIN: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
"""apimachinery, util/validation, IsDNS1123Subdomain."""
_LABEL: Final = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
"""apimachinery, util/validation, IsDNS1123Label, which a namespace is."""
_NAMES: Final = ("name", "generateName")
_MAPS_OF_TEXTS: Final = ("labels", "annotations")
_LONGEST_NAME: Final = 253
_LONGEST_LABEL: Final = 63
_LONGEST_ECHO: Final = 80
_USE: Final = f"use lowercase letters, digits, '-' and '.', at most {_LONGEST_NAME} characters"


def metadata_remarks(
    content: Mapping[str, Any], subject: Reference, node_at: Callable[[Path], Node | None]
) -> Iterator[Remark]:
    """Of metadata that is missing the schema tells. `node_at` finds where something is written."""
    metadata = content.get("metadata")
    if not isinstance(metadata, dict):
        return
    yield from _texts(metadata, subject, node_at)
    name, generated = metadata.get("name"), metadata.get("generateName")
    if name in (None, "") and generated in (None, ""):
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


def _texts(metadata: Mapping[str, Any], subject: Reference, node_at: Callable[[Path], Node | None]) -> Iterator[Remark]:
    """YAML makes a number of a date in a name, and a truth of `on` in a label."""
    for member in _NAMES:
        value = metadata.get(member)
        if value is not None and not isinstance(value, str):
            path: Path = ("metadata", member)
            yield not_a_text(subject, path, value, node_at(path))
    for member in _MAPS_OF_TEXTS:
        values = metadata.get(member)
        if values is not None and not isinstance(values, dict):
            yield no_object(subject, ("metadata", member), values)
            continue
        for key, value in (values or {}).items():
            if not isinstance(value, str):
                path = ("metadata", member, key)
                yield not_a_text(subject, path, value, node_at(path), explained=path[:-1])


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
