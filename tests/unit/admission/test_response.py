from __future__ import annotations

from typing import Any

import msgspec

from tests.support.reviews import UID, disk_snapshot_created, review
from webhook.admission.response import MAX_TEXT_CHARACTERS, allowed, denied
from webhook.api.reference import Reference
from webhook.findings.finding import Finding

SUBJECT = Reference("VirtualDiskSnapshot", "default", "snap")
REVIEW = review(disk_snapshot_created())
FIRST = Finding("DiskNotFound", True, "spec.virtualDiskName", "no disk", SUBJECT, "look again")
SECOND = Finding("ConsistencyUnavailable", True, "spec.requiredConsistency", "no agent", SUBJECT)


def denial(*findings: Finding) -> dict[str, Any]:
    body = denied(REVIEW, findings, name="snap", warnings=(), audit={})
    response: dict[str, Any] = msgspec.json.decode(body)["response"]
    return response


def test_allowed_answer_carries_nothing_that_is_not_said() -> None:
    assert msgspec.json.decode(allowed(REVIEW, warnings=(), audit={})) == {
        "apiVersion": "admission.k8s.io/v1",
        "kind": "AdmissionReview",
        "response": {"uid": UID, "allowed": True},
    }


def test_warnings_and_annotations_are_sent_when_there_are_some() -> None:
    response = msgspec.json.decode(allowed(REVIEW, warnings=("w",), audit={"decision": "allowed"}))["response"]
    assert response["warnings"] == ["w"]
    assert response["auditAnnotations"] == {"decision": "allowed"}


def test_denial_is_a_status_that_kubectl_prints_field_by_field() -> None:
    assert denial(FIRST) == {
        "uid": UID,
        "allowed": False,
        "status": {
            "status": "Failure",
            "code": 422,
            "reason": "Invalid",
            "message": "spec.virtualDiskName: no disk; look again [DiskNotFound]",
            "details": {
                "group": "virtualization.deckhouse.io",
                "kind": "VirtualDiskSnapshot",
                "name": "snap",
                "causes": [
                    {
                        "reason": "FieldValueNotFound",
                        "message": "no disk; look again [DiskNotFound]",
                        "field": "spec.virtualDiskName",
                    }
                ],
            },
        },
    }


def test_message_lists_several_findings() -> None:
    assert denial(FIRST, SECOND)["status"]["message"] == (
        "2 reasons:\n"
        "* spec.virtualDiskName: no disk; look again [DiskNotFound]\n"
        "* spec.requiredConsistency: no agent [ConsistencyUnavailable]"
    )


def test_every_finding_is_a_cause() -> None:
    many = [Finding("DiskNotReady", True, "spec", f"disk {number}", SUBJECT) for number in range(500)]
    assert len(denial(*many)["status"]["details"]["causes"]) == 500


def test_what_a_user_wrote_cannot_forge_lines_or_flood_the_answer() -> None:
    finding = Finding("DiskNotFound", True, "spec", "no disk a\n* b\x1b[2J" + "x" * 5000, SUBJECT, "look")
    (cause,) = denial(finding)["status"]["details"]["causes"]
    assert cause["message"].startswith("no disk a * b [2J")
    assert cause["message"].endswith("… [DiskNotFound]")
    assert len(cause["message"]) == MAX_TEXT_CHARACTERS
