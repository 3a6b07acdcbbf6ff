"""What the API server demands of the AdmissionReview v1 response of a webhook, and what it does with it.

Rules of apiserver admission/plugin/webhook/request/admissionreview.go, admission/attributes.go and
endpoints/filters/warning.go, and of the API's own documentation (admission/v1 types.go).
"""

from __future__ import annotations

import base64
import re
import unicodedata
from typing import Any

import msgspec

_ANNOTATION_KEY = re.compile(r"[A-Za-z0-9](?:[-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?")
_CAUSE_TYPES = {"FieldValueInvalid", "FieldValueNotFound"}
_RESPONSE_MEMBERS = {"uid", "allowed", "status", "warnings", "auditAnnotations"}


def check_response(body: bytes, uid: str) -> dict[str, Any]:
    """The response, if every rule holds."""
    response = _response(body, uid)
    assert set(response) <= _RESPONSE_MEMBERS, "a validating response carries no patch, and nothing undocumented"
    assert isinstance(response["allowed"], bool)
    assert ("status" in response) != response["allowed"], "a status is sent with a denial and only then"
    if not response["allowed"]:
        _check_status(response["status"])
    _check_warnings(response.get("warnings", []))
    _check_annotations(response["auditAnnotations"], {"allowed", "denied", "passed"})
    return response


def check_mutation(body: bytes, uid: str) -> list[dict[str, Any]]:
    """The operations of a mutating response, if every rule holds; none when nothing is to be changed."""
    response = _response(body, uid)
    assert response["allowed"] is True, "whether something is allowed is for validation to say"
    assert ("patch" in response) == ("patchType" in response)
    assert set(response) <= {"uid", "allowed", "auditAnnotations", "patch", "patchType"}
    _check_annotations(response["auditAnnotations"], {"patched", "kept", "passed"})
    assert ("patch" in response) == (response["auditAnnotations"]["decision"] == "patched")
    if "patch" not in response:
        return []
    assert response["patchType"] == "JSONPatch"
    operations: list[dict[str, Any]] = msgspec.json.decode(base64.b64decode(response["patch"], validate=True))
    assert operations, "the API server takes no empty patch"
    return operations


def _response(body: bytes, uid: str) -> dict[str, Any]:
    document: Any = msgspec.json.decode(body)
    assert set(document) == {"apiVersion", "kind", "response"}
    assert (document["apiVersion"], document["kind"]) == ("admission.k8s.io/v1", "AdmissionReview")
    response: dict[str, Any] = document["response"]
    assert response["uid"] == uid
    return response


def _check_status(status: dict[str, Any]) -> None:
    assert set(status) == {"status", "code", "reason", "message", "details"}
    assert (status["status"], status["code"], status["reason"]) == ("Failure", 422, "Invalid")
    details = status["details"]
    assert set(details) == {"group", "kind", "name", "causes"}
    assert details["kind"]
    assert details["group"] or details["kind"] == "Secret", "only core kinds are in no group"
    assert details["causes"], "a denial gives its reasons"
    for cause in details["causes"]:
        assert set(cause) == {"reason", "message", "field"}
        assert cause["reason"] in _CAUSE_TYPES
        assert re.search(r" \[[A-Z][A-Za-z]+\]$", cause["message"]), "the code is at the end"
        assert cause["message"] in status["message"], "kubectl prints only the message for several documents"
        assert _printable(cause["message"])
    assert _printable(status["message"].replace("\n", ""))


def _check_warnings(warnings: list[str]) -> None:
    assert sum(map(len, warnings)) <= 4096
    assert len(set(warnings)) == len(warnings)
    for warning in warnings:
        assert 0 < len(warning) <= 256
        assert _printable(warning)


def _check_annotations(annotations: dict[str, str], decisions: set[str]) -> None:
    assert annotations["decision"] in decisions
    assert set(annotations) <= {"decision", "codes", "facts-age-seconds"}
    for key, value in annotations.items():
        assert _ANNOTATION_KEY.fullmatch(key)
        assert isinstance(value, str)


def _printable(text: str) -> bool:
    return not any(unicodedata.category(each) == "Cc" for each in text)
