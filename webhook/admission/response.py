"""A verdict to the bytes of an AdmissionReview v1 response."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from webhook.admission.patch import PatchOperation
from webhook.admission.review import REVIEW_API_VERSION, REVIEW_KIND, Review
from webhook.admission.text import clipped, printable
from webhook.findings.dependencies import CLASS_NOT_FOUND, PROVISIONING_SECRET_NOT_FOUND
from webhook.findings.finding import Finding
from webhook.findings.snapshots import DISK_NOT_FOUND, MACHINE_NOT_FOUND

MAX_TEXT_CHARACTERS: Final = 1024
"""Of one finding: longer than any with legal names, and no echo of megabytes that someone put into a field."""

_CAUSE_TYPES: Final = {
    code.name: "FieldValueNotFound"
    for code in (CLASS_NOT_FOUND, DISK_NOT_FOUND, MACHINE_NOT_FOUND, PROVISIONING_SECRET_NOT_FOUND)
}
"""metav1.CauseType; all others are FieldValueInvalid."""


class _Cause(Struct):
    reason: str
    message: str
    field: str


class _Details(Struct):
    group: str
    kind: str
    name: str
    causes: tuple[_Cause, ...]


class _Status(Struct):
    status: str
    code: int
    reason: str
    message: str
    details: _Details


class _Response(Struct, rename="camel", omit_defaults=True):
    uid: str
    allowed: bool
    status: _Status | None = None
    warnings: Sequence[str] = ()
    audit_annotations: Mapping[str, str] = msgspec.field(default_factory=dict)
    patch_type: str | None = None
    patch: str | None = None


class _ReviewResponse(Struct, rename="camel"):
    api_version: str
    kind: str
    response: _Response


_ENCODER: Final = msgspec.json.Encoder()


def allowed(review: Review, *, warnings: Sequence[str], audit: Mapping[str, str]) -> bytes:
    return _encoded(_Response(review.uid, True, warnings=warnings, audit_annotations=audit))


def patched(review: Review, operations: Sequence[PatchOperation], *, audit: Mapping[str, str]) -> bytes:
    """Without operations an answer that changes nothing: the API server takes no empty patch (apiserver,
    admission/plugin/webhook/request/admissionreview.go)."""
    if not operations:
        return allowed(review, warnings=(), audit=audit)
    encoded = base64.b64encode(_ENCODER.encode(operations)).decode()
    return _encoded(_Response(review.uid, True, audit_annotations=audit, patch_type="JSONPatch", patch=encoded))


def denied(
    review: Review,
    denials: Sequence[Finding],
    *,
    name: str,
    warnings: Sequence[str],
    audit: Mapping[str, str],
) -> bytes:
    """One cause per finding.

    kubectl prints the causes when it applies one document, and only the message when it applies several.
    """
    causes = tuple(_cause(finding) for finding in denials)
    details = _Details(review.kind.group, review.kind.kind, name, causes)
    status = _Status("Failure", 422, "Invalid", _message(causes), details)
    return _encoded(_Response(review.uid, False, status, warnings, audit))


def _encoded(response: _Response) -> bytes:
    return _ENCODER.encode(_ReviewResponse(REVIEW_API_VERSION, REVIEW_KIND, response))


def _cause(finding: Finding) -> _Cause:
    text = printable(finding.text)
    if len(text) > MAX_TEXT_CHARACTERS:
        text = clipped(printable(finding.message), f" [{finding.code}]", MAX_TEXT_CHARACTERS)
    return _Cause(_CAUSE_TYPES.get(finding.code, "FieldValueInvalid"), text, finding.field)


def _message(causes: Sequence[_Cause]) -> str:
    lines = [f"{cause.field}: {cause.message}" if cause.field else cause.message for cause in causes]
    return lines[0] if len(lines) == 1 else "\n".join([f"{len(lines)} reasons:", *(f"* {line}" for line in lines)])
