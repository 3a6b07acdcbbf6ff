from __future__ import annotations

from typing import Any

import pytest

from tests.support.copies import clone, created_from_snapshot, documented, rule
from tests.support.manifests import Json
from tests.support.reviews import review, review_document
from webhook.admission.request import WrongShapeError, request_from
from webhook.api.kind import Kind
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

RULES = [rule("root", "root-2"), rule("data", "data-2")]


def complaint(asked_for: Json, kind: Kind[Any] = VIRTUAL_MACHINE_OPERATION) -> str | None:
    try:
        request_from(review(review_document(kind, "CREATE", asked_for=asked_for)))
    except WrongShapeError as error:
        return f"{error.finding.field}: {error.finding.text}"
    return None


@pytest.mark.parametrize(
    "copy",
    [
        {"nameReplacement": RULES},
        {"nameReplacement": [], "customization": {}},
        {"nameReplacements": []},
        pytest.param({"nameReplacement": RULES, "nameReplacements": RULES[:1]}, id="differ, which a rule finds"),
    ],
)
def test_what_can_be_stored_is_no_finding(copy: Json) -> None:
    assert complaint(clone("copy", **copy)) is None


@pytest.mark.parametrize(
    ("asked_for", "kind", "text"),
    [
        (
            clone("copy", nameReplacements=documented(RULES)),
            VIRTUAL_MACHINE_OPERATION,
            "spec.clone.nameReplacements: this spelling cannot be stored, and Snapgate's mutating webhook was not "
            "there to change it; write nameReplacement, or try again [SchemaInvalid]",
        ),
        (
            clone("copy", nameReplacement=RULES, nameReplacements=documented(RULES)),
            VIRTUAL_MACHINE_OPERATION,
            "spec.clone.nameReplacements: this spelling cannot be stored, and Snapgate's mutating webhook was not "
            "there to change it; write nameReplacement, or try again [SchemaInvalid]",
        ),
        (
            created_from_snapshot("copy", nameReplacement=[RULES[0], *documented(RULES[1:])]),
            VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
            "spec.createVirtualMachine.nameReplacement[1].to: the new name is stored as a text; something stands "
            "beside name, or Snapgate's mutating webhook was not there; write to: data-2 [SchemaInvalid]",
        ),
        (
            clone("copy", nameReplacement=[rule("root", {"kind": "VirtualDisk", "name": "root-2"})]),
            VIRTUAL_MACHINE_OPERATION,
            "spec.clone.nameReplacement[0].to: the new name is stored as a text; something stands beside name, or "
            "Snapgate's mutating webhook was not there; write to: root-2 [SchemaInvalid]",
        ),
        (
            clone("copy", nameReplacement=[rule("root", 7)]),
            VIRTUAL_MACHINE_OPERATION,
            "spec.clone.nameReplacement[0].to: expected string or object, got integer; "
            "see: kubectl explain virtualmachineoperation.spec.clone.nameReplacement.to [SchemaInvalid]",
        ),
        (
            clone("copy", nameReplacement=[rule("root", {})]),
            VIRTUAL_MACHINE_OPERATION,
            "spec.clone.nameReplacement[0].to.name: this field is required; "
            "see: kubectl explain virtualmachineoperation.spec.clone.nameReplacement.to [SchemaInvalid]",
        ),
    ],
)
def test_what_nobody_respelled_is_a_finding(asked_for: Json, kind: Kind[Any], text: str) -> None:
    assert complaint(asked_for, kind) == text
