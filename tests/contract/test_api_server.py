"""What Snapgate relies on, as a real API server was recorded doing it.

When one of these fails after a new recording, another version of the API server does something differently.
"""

from __future__ import annotations

from typing import Final

import msgspec
import pytest
from msgspec import Raw

from tests.contract.recording.recording import MUTATE, VALIDATE, Call, recorded
from tests.contract.recording.registration import TIMEOUT_SECONDS
from tests.contract.recording.steps import STEPS
from tests.support.manifests import Json
from webhook.admission.reading import read_review
from webhook.api.secret import SNAPSHOT_SECRET_TYPE
from webhook.service.budget import MARGIN_SECONDS, budget_seconds

RECORDED: Final = recorded()
CALLS: Final = [
    pytest.param(call, id=f"{name}: {call.path} {call.request['operation']}")
    for name, recording in RECORDED.items()
    for call in recording.calls
]


def validated(step: str, operation: str) -> Json:
    """The request of the one such call to the validating webhook."""
    (request,) = (call.request for call in RECORDED[step].sent_to(VALIDATE) if call.request["operation"] == operation)
    return request


def mutated(step: str) -> Json:
    (call,) = RECORDED[step].sent_to(MUTATE)
    return call.request


def operations(step: str, path: str = VALIDATE) -> list[str]:
    return [call.request["operation"] for call in RECORDED[step].sent_to(path)]


def test_every_step_is_recorded() -> None:
    assert set(RECORDED) == {step.name for step in STEPS}


def test_all_recordings_are_of_one_api_server() -> None:
    assert len({recording.api_server for recording in RECORDED.values()}) == 1


@pytest.mark.parametrize("call", CALLS)
def test_call_says_how_long_its_sender_will_wait(call: Call) -> None:
    name, _, timeout = call.query.partition("=")
    assert name == "timeout"
    assert budget_seconds(timeout) == TIMEOUT_SECONDS - MARGIN_SECONDS


@pytest.mark.parametrize("call", CALLS)
def test_call_is_sent_as_plain_json(call: Call) -> None:
    assert call.headers["Content-Type"] == "application/json"
    assert call.headers["User-Agent"] == "kube-apiserver-admission"


def test_uid_is_of_the_call_and_not_of_what_was_asked() -> None:
    calls = [call.request["uid"] for recording in RECORDED.values() for call in recording.calls]
    assert len(set(calls)) == len(calls)


def test_object_has_no_name_and_no_uid_while_generate_name_is_pending() -> None:
    request = mutated("create-with-generate-name")
    assert "name" not in request
    assert request["object"]["metadata"].keys() & {"name", "uid"} == set()


def test_generated_name_is_there_for_the_validating_webhook() -> None:
    request = validated("create-with-generate-name", "CREATE")
    assert request["name"] == request["object"]["metadata"]["name"]
    assert request["name"].startswith("nightly-")
    assert request["object"]["metadata"]["uid"]


@pytest.mark.parametrize("step", ["delete-collection", "delete-with-namespace"])
def test_each_object_of_a_collection_is_deleted_by_a_call_without_its_name(step: str) -> None:
    requests = [call.request for call in RECORDED[step].sent_to(VALIDATE)]
    assert all("name" not in request for request in requests)
    names = {request["oldObject"]["metadata"]["name"] for request in requests}
    assert names == ({"old-1", "old-2"} if step == "delete-collection" else {"snap"})


def test_deletion_carries_the_old_object_only() -> None:
    request = validated("delete", "DELETE")
    assert request["object"] is None
    assert request["oldObject"]["metadata"]["name"] == request["name"] == "snap"


@pytest.mark.parametrize("step", ["delete-held-by-finalizer", "delete-again"])
def test_deletion_that_a_finalizer_holds_up_is_no_update(step: str) -> None:
    assert operations(step) == ["DELETE"]


def test_object_is_already_being_deleted_when_its_deletion_is_asked_for_again() -> None:
    assert "deletionTimestamp" not in validated("delete-held-by-finalizer", "DELETE")["oldObject"]["metadata"]
    assert "deletionTimestamp" in validated("delete-again", "DELETE")["oldObject"]["metadata"]


@pytest.mark.parametrize("step", ["update-removes-last-finalizer", "delete-in-foreground"])
def test_finalizer_is_removed_by_an_update_of_an_object_that_is_being_deleted(step: str) -> None:
    request = validated(step, "UPDATE")
    assert request["oldObject"]["metadata"]["finalizers"]
    assert "finalizers" not in request["object"]["metadata"]
    assert "deletionTimestamp" in request["object"]["metadata"]


@pytest.mark.parametrize(
    ("step", "operation", "user"),
    [
        ("delete-by-garbage-collector", "DELETE", "generic-garbage-collector"),
        ("delete-in-foreground", "UPDATE", "generic-garbage-collector"),
        ("delete-with-namespace", "DELETE", "namespace-controller"),
    ],
)
def test_cluster_deletes_under_accounts_of_its_own(step: str, operation: str, user: str) -> None:
    assert validated(step, operation)["userInfo"]["username"] == f"system:serviceaccount:kube-system:{user}"


def test_status_is_written_through_its_subresource() -> None:
    request = validated("update-status", "UPDATE")
    assert (request["subResource"], request["requestSubResource"]) == ("status", "status")
    assert request["object"]["status"] == {"phase": "Pending"}


def test_spec_in_a_write_of_status_is_dropped_before_it_is_validated() -> None:
    request = validated("update-status", "UPDATE")
    assert request["object"]["spec"] == request["oldObject"]["spec"]


@pytest.mark.parametrize(("step", "operation"), [("create-by-dry-run", "CREATE"), ("delete-by-dry-run", "DELETE")])
def test_dry_run_is_told(step: str, operation: str) -> None:
    request = validated(step, operation)
    assert request["dryRun"] is True
    assert request["options"]["dryRun"] == ["All"]


def test_no_dry_run_is_told_too() -> None:
    assert validated("create-disk-snapshot", "CREATE")["dryRun"] is False


def test_spec_change_that_cel_refuses_is_mutated_but_never_validated() -> None:
    recording = RECORDED["update-spec-refused-by-cel"]
    assert recording.exit_code != 0
    assert operations("update-spec-refused-by-cel", MUTATE) == ["UPDATE"]
    assert operations("update-spec-refused-by-cel") == []


@pytest.mark.parametrize("step", ["update-labels", "update-by-put", "update-by-server-side-apply"])
def test_equal_specs_are_equal_bytes(step: str) -> None:
    (call,) = RECORDED[step].sent_to(VALIDATE)
    review = read_review(call.body)
    new, old = (msgspec.json.decode(each, type=dict[str, Raw]) for each in (review.object, review.old_object))
    assert new["metadata"] != old["metadata"]
    assert new["spec"] == old["spec"]


@pytest.mark.parametrize(
    ("step", "options"),
    [("create-by-server-side-apply", "CreateOptions"), ("update-by-server-side-apply", "UpdateOptions")],
)
def test_server_side_apply_arrives_as_what_it_comes_to(step: str, options: str) -> None:
    (call,) = RECORDED[step].sent_to(VALIDATE)
    assert call.request["options"]["kind"] == options
    assert call.request["operation"] == options.removesuffix("Options").upper()


def test_what_the_schema_does_not_know_is_gone_before_anyone_is_asked() -> None:
    assert RECORDED["create-with-unknown-field"].given["spec"]["retries"] == 3
    for request in (mutated("create-with-unknown-field"), validated("create-with-unknown-field", "CREATE")):
        assert request["object"]["spec"] == {"virtualDiskName": "data", "requiredConsistency": True}


def test_both_spellings_of_a_rule_reach_the_mutating_webhook_as_they_were_written() -> None:
    given = RECORDED["create-clone-as-documented"].given["spec"]["clone"]
    assert given["nameReplacements"] == [{"from": {"kind": "VirtualDisk", "name": "root"}, "to": {"name": "root-2"}}]
    assert mutated("create-clone-as-documented")["object"]["spec"]["clone"] == given


def test_schema_is_asked_after_the_mutating_webhook() -> None:
    """So a rule in CEL that only the stored spelling satisfies refuses what nobody respelled."""
    step = "create-clone-as-documented-refused-by-cel"
    assert RECORDED[step].exit_code != 0
    assert operations(step, MUTATE) == ["CREATE"]
    assert operations(step) == []


def test_spelling_that_is_added_to_an_immutable_spec_reaches_the_mutating_webhook() -> None:
    request = mutated("update-clone-adds-documented-spelling")
    assert {"nameReplacement", "nameReplacements"} <= request["object"]["spec"]["clone"].keys()
    assert "nameReplacements" not in request["oldObject"]["spec"]["clone"]


def test_owners_are_noted_before_the_mutating_webhook_is_asked() -> None:
    (owner,) = mutated("create-clone-as-documented")["object"]["metadata"]["managedFields"]
    assert "f:nameReplacements" in owner["fieldsV1"]["f:spec"]["f:clone"]


@pytest.mark.parametrize(
    ("step", "operation"), [("create-content", "CREATE"), ("update-content", "UPDATE"), ("delete-content", "DELETE")]
)
def test_secret_comes_with_its_type(step: str, operation: str) -> None:
    request = validated(step, operation)
    assert (request["object"] or request["oldObject"])["type"] == SNAPSHOT_SECRET_TYPE
    assert request["kind"] == {"group": "", "version": "v1", "kind": "Secret"}


def test_null_is_replaced_by_the_default_before_anyone_is_asked() -> None:
    assert RECORDED["create-with-nulls-and-a-status"].given["spec"]["requiredConsistency"] is None
    assert mutated("create-with-nulls-and-a-status")["object"]["spec"]["requiredConsistency"] is True


def test_status_of_a_new_object_is_seen_by_the_mutating_webhook_only() -> None:
    assert mutated("create-with-nulls-and-a-status")["object"]["status"] == {"phase": "Ready"}
    assert "status" not in validated("create-with-nulls-and-a-status", "CREATE")["object"]


def test_user_comes_with_uid_groups_and_extra() -> None:
    assert validated("create-by-user-with-extra", "CREATE")["userInfo"] == {
        "username": "ann",
        "uid": "7d1c7a4e-5b9f-4b0e-9f59-1f0e6f3c2a10",
        "groups": ["storage-admins", "system:masters", "system:authenticated"],
        "extra": {"example.com/ticket": ["4711", "4712"]},
    }


def test_service_account_comes_with_its_groups() -> None:
    user = validated("create-by-service-account", "CREATE")["userInfo"]
    assert user["username"] == "system:serviceaccount:default:operator"
    assert {"system:serviceaccounts", "system:serviceaccounts:default"} <= set(user["groups"])


def test_scaling_is_of_kind_scale_and_of_the_resource_that_is_scaled() -> None:
    request = validated("scale-deployment", "UPDATE")
    assert request["kind"] == {"group": "autoscaling", "version": "v1", "kind": "Scale"}
    assert (request["resource"]["resource"], request["subResource"]) == ("deployments", "scale")


def test_connection_has_options_in_place_of_an_object() -> None:
    (request, *_) = (call.request for call in RECORDED["connect-to-pod"].sent_to(VALIDATE))
    assert request["kind"]["kind"] == request["object"]["kind"] == "PodExecOptions"
    assert request["options"] is None
