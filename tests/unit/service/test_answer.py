from __future__ import annotations

from typing import Any

import msgspec

from tests.support.reviews import disk_snapshot_created, review, review_document
from webhook.admission.judged import Passage
from webhook.admission.review import Review
from webhook.api.reference import Reference
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.evaluation.evaluate import Evaluation, Judged
from webhook.findings.code import Action
from webhook.findings.finding import Finding
from webhook.gate.verdict import Confirmation, Verdict
from webhook.service.answer import answer

REVIEW = review(disk_snapshot_created())
SUBJECT = Reference("VirtualDiskSnapshot", "default", "snap")


def judged(code: str, action: Action) -> Judged:
    return Judged(Finding(code, action is Action.DENY, "spec", "something is so", SUBJECT), action)


def answered(verdict: Verdict, to: Review = REVIEW) -> dict[str, Any]:
    response: dict[str, Any] = msgspec.json.decode(answer(to, verdict))["response"]
    return response


def test_allowed_request_is_annotated_with_decision_and_age() -> None:
    assert answered(Verdict(SUBJECT, facts_age_seconds=1.234)) == {
        "uid": REVIEW.uid,
        "allowed": True,
        "auditAnnotations": {"decision": "allowed", "facts-age-seconds": "1.2"},
    }


def test_codes_are_annotated_once_and_sorted() -> None:
    evaluation = Evaluation(
        (
            judged("SeveralDrivers", Action.WARN),
            judged("DiskNotReady", Action.DENY),
            judged("DiskNotReady", Action.DENY),
        )
    )
    response = answered(Verdict(SUBJECT, evaluation))
    assert response["auditAnnotations"] == {"decision": "denied", "codes": "DiskNotReady,SeveralDrivers"}


def test_denial_brings_its_warnings_along() -> None:
    evaluation = Evaluation((judged("DiskNotReady", Action.DENY), judged("SeveralDrivers", Action.WARN)))
    response = answered(Verdict(SUBJECT, evaluation))
    assert response["allowed"] is False
    assert response["warnings"] == ["something is so [SeveralDrivers]"]


def test_denial_that_could_not_be_confirmed_says_how_old_its_facts_are() -> None:
    verdict = Verdict(SUBJECT, Evaluation((judged("DiskNotReady", Action.DENY),)), None, 12.3, Confirmation.IMPOSSIBLE)
    assert answered(verdict)["warnings"] == ["denied on facts 12 s old: the cluster could not be read just now"]


def test_kind_that_nobody_registered_is_allowed_with_a_warning() -> None:
    foreign = review(review_document(VIRTUAL_MACHINE, "CREATE", asked_for={"metadata": {"name": "d"}}))
    response = answered(Verdict(SUBJECT, passage=Passage.FOREIGN), foreign)
    assert response["allowed"] is True
    assert response["warnings"] == [
        "not judged: Snapgate has no rules for CREATE of VirtualMachine virtualization.deckhouse.io/v1alpha2"
    ]


def test_subresource_passes_without_a_word() -> None:
    response = answered(Verdict(SUBJECT, passage=Passage.SUBRESOURCE))
    assert response == {"uid": REVIEW.uid, "allowed": True, "auditAnnotations": {"decision": "passed"}}


def test_codes_that_a_privileged_user_goes_on_in_spite_of_are_annotated() -> None:
    finding = judged("DiskNotReady", Action.WARN).finding
    response = answered(Verdict(SUBJECT, Evaluation((Judged(finding, Action.WARN, excused=True),))))
    assert response["auditAnnotations"] == {"decision": "allowed", "codes": "DiskNotReady", "escaped": "DiskNotReady"}
    assert response["warnings"] == ["something is so [DiskNotReady]"]


def test_permissions_that_could_not_be_checked_are_a_note() -> None:
    response = answered(Verdict(SUBJECT, permissions_unknown="the API server did not answer within 2 s"))
    assert response["allowed"] is True
    assert response["warnings"] == ["your permissions could not be checked just now"]
