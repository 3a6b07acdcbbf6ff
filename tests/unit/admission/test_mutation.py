from __future__ import annotations

import base64
from typing import Any

import jsonpatch
import msgspec
import pytest

from tests.support import manifests
from tests.support.copies import clone, created_from_snapshot, documented, rule
from tests.support.manifests import Json
from tests.support.reviews import UID, disk_snapshot_created, review, review_document
from webhook.admission.judged import Passage
from webhook.admission.mutation import Mutation, Outcome, mutation
from webhook.admission.response import patched
from webhook.api.kind import Kind
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

RULES = [rule("root", "root-2"), rule("naïve/~", "neu-ü")]
STORED = clone("copy", nameReplacement=RULES)
DOCUMENTED = clone("copy", nameReplacements=documented(RULES), customization={})
APPLIED_AGAIN = clone("copy", nameReplacement=RULES, nameReplacements=documented(RULES), customization={})


def created(asked_for: Json, kind: Kind[Any] = VIRTUAL_MACHINE_OPERATION) -> Mutation:
    return mutation(review(review_document(kind, "CREATE", asked_for=asked_for)))


def updated(before: Json, after: Json, **request: Any) -> Mutation:
    document = review_document(VIRTUAL_MACHINE_OPERATION, "UPDATE", asked_for=after, present=before, **request)
    return mutation(review(document))


def applied(mutated: Mutation, written: Json) -> Any:
    return jsonpatch.apply_patch(written, msgspec.json.decode(msgspec.json.encode(mutated.operations)))


@pytest.mark.parametrize("written", [DOCUMENTED, APPLIED_AGAIN])
def test_documented_spelling_becomes_the_stored_one(written: Json) -> None:
    mutated = created(written)
    assert mutated.outcome is Outcome.PATCHED
    assert applied(mutated, written) == STORED


def test_operation_on_a_snapshot_is_patched_where_it_says_how_to_copy() -> None:
    written = created_from_snapshot("copy", nameReplacements=RULES)
    mutated = created(written, VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
    assert [(each.op, each.path) for each in mutated.operations] == [
        ("remove", "/spec/createVirtualMachine/nameReplacements"),
        ("add", "/spec/createVirtualMachine/nameReplacement"),
    ]
    assert applied(mutated, written) == created_from_snapshot("copy", nameReplacement=RULES)


def test_stored_spelling_is_kept() -> None:
    assert created(STORED) == Mutation()
    assert created(STORED).outcome is Outcome.KEPT


def test_documented_spelling_applied_again_is_folded_into_the_stored_one() -> None:
    assert applied(updated(STORED, APPLIED_AGAIN), APPLIED_AGAIN) == STORED


def test_rules_that_differ_are_left_for_a_rule_to_find() -> None:
    both = clone("copy", nameReplacement=RULES, nameReplacements=RULES[:1])
    assert updated(STORED, both).outcome is Outcome.KEPT


def test_label_of_an_operation_that_is_stored_in_another_spelling_is_no_reason_to_respell_it() -> None:
    """Its spec is immutable: respelling would refuse every label and finalizer."""
    labelled = DOCUMENTED | {"metadata": {"name": "copy", "labels": {"keep": "true"}}}
    assert updated(DOCUMENTED, labelled).passage is Passage.UNCHANGED


def test_operation_that_is_being_deleted_is_left_alone() -> None:
    going = DOCUMENTED | {"metadata": manifests.metadata("copy", deleting=True)}
    assert updated(STORED, going).passage is Passage.DELETING


def owned_by(*managers: Json) -> Json:
    """`managers` are what they own of the clone block, as the API server notes it."""
    return {
        "managedFields": [
            {"manager": "someone", "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:type": {}, "f:clone": fields}}}
            for fields in managers
        ]
    }


@pytest.mark.parametrize(
    ("noted", "moved"),
    [
        ({"f:mode": {}, "f:nameReplacements": {}}, {"f:mode": {}, "f:nameReplacement": {}}),
        ({".": {}, "f:nameReplacements": {}, "f:customization": {}}, {".": {}, "f:nameReplacement": {}}),
        ({"f:nameReplacement": {}, "f:nameReplacements": {}}, {"f:nameReplacement": {}}),
        ({"f:customization": {"f:namePrefix": {}}}, {}),
        ({"f:mode": {}}, {"f:mode": {}}),
    ],
)
def test_owner_of_a_rule_owns_it_in_its_stored_spelling(noted: Json, moved: Json) -> None:
    written = APPLIED_AGAIN | {"metadata": {"name": "copy"} | owned_by(noted, {"f:mode": {}})}
    stored = applied(created(written), written)
    assert stored == STORED | {"metadata": {"name": "copy"} | owned_by(moved, {"f:mode": {}})}


def test_applying_again_does_not_even_change_a_time() -> None:
    """The API server notes the new time of an owner, and moves him to the end, before we are asked."""
    mine, others = owned_by({"f:mode": {}, "f:nameReplacement": {}}, {})["managedFields"]
    mine, others = mine | {"time": "2026-01-01T00:00:00Z"}, others | {"time": "2026-01-01T00:00:01Z"}
    doubled = owned_by({"f:nameReplacements": {}, "f:mode": {}, "f:nameReplacement": {}})["managedFields"][0]
    present = STORED | {"metadata": {"name": "copy", "managedFields": [mine, others]}}
    noted = [others, doubled | {"time": "2026-01-01T00:00:09Z"}]
    written = APPLIED_AGAIN | {"metadata": {"name": "copy", "managedFields": noted}}
    assert applied(updated(present, written), written) == present


def test_new_owner_is_added_with_his_time() -> None:
    present = STORED | {"metadata": {"name": "copy"} | owned_by({"f:nameReplacement": {}})}
    joined = [*owned_by({"f:nameReplacement": {}}, {"f:nameReplacements": {}})["managedFields"]]
    joined[1] = joined[1] | {"manager": "other", "time": "2026-01-01T00:00:09Z"}
    written = APPLIED_AGAIN | {"metadata": {"name": "copy", "managedFields": joined}}
    stored = applied(updated(present, written), written)["metadata"]["managedFields"]
    assert [entry.get("time") for entry in stored] == [None, "2026-01-01T00:00:09Z"]
    assert stored[1]["fieldsV1"]["f:spec"]["f:clone"] == {"f:nameReplacement": {}}


@pytest.mark.parametrize(
    "odd", [None, "text", {}, ["text"], [{}], [{"fieldsV1": "text"}], [{"fieldsV1": {"f:spec": {"f:clone": []}}}]]
)
def test_owners_of_the_wrong_shape_are_left_alone(odd: Any) -> None:
    written = DOCUMENTED | {"metadata": {"name": "copy", "managedFields": odd}}
    assert applied(created(written), written) == STORED | {"metadata": {"name": "copy", "managedFields": odd}}


@pytest.mark.parametrize(
    ("document", "passed"),
    [
        (review_document(VIRTUAL_MACHINE_OPERATION, "DELETE", present=DOCUMENTED), None),
        (
            review_document(VIRTUAL_MACHINE_OPERATION, "UPDATE", asked_for=DOCUMENTED, subResource="status"),
            "subresource",
        ),
        (review_document(VIRTUAL_MACHINE_OPERATION, "CONNECT", asked_for=DOCUMENTED), "foreign"),
        (disk_snapshot_created(), None),
        (review_document(VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for={"spec": {"type": "Stop"}}), "unconcerned"),
        (review_document(VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for={"spec": "text"}), None),
        (review_document(VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for={"spec": None}), None),
        (review_document(VIRTUAL_MACHINE_OPERATION, "CREATE", object="text"), None),
    ],
)
def test_nothing_is_changed_where_there_is_nothing_to_respell(document: Json, passed: str | None) -> None:
    assert mutation(review(document)) == Mutation(passage=Passage(passed) if passed else None)


def test_answer_carries_the_patch_in_base64() -> None:
    document = review_document(VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for=DOCUMENTED)
    operations = mutation(review(document)).operations
    response = msgspec.json.decode(patched(review(document), operations, audit={"decision": "patched"}))["response"]
    patch = msgspec.json.decode(base64.b64decode(response.pop("patch")))
    assert response == {
        "uid": UID,
        "allowed": True,
        "patchType": "JSONPatch",
        "auditAnnotations": {"decision": "patched"},
    }
    assert patch == msgspec.json.decode(msgspec.json.encode(operations))


def test_answer_without_operations_has_no_patch() -> None:
    answer = patched(review(disk_snapshot_created()), (), audit={})
    assert msgspec.json.decode(answer)["response"] == {"uid": UID, "allowed": True}
