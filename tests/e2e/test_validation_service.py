"""POST /v1/validate in a cluster: real tokens, real rights, the webhook's own facts."""

from __future__ import annotations

import json

import pytest
import yaml

from tests.support.accounts import account, token
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.machines import machine_snapshot, machine_without_agent
from tests.support.snapgate_command import as_text
from tests.support.validation_service import call
from tests.support.waiting import until

AUDIENCE = "snapgate"


def in_namespace(manifest: dict[str, object], kubectl: Kubectl) -> dict[str, object]:
    metadata = manifest["metadata"]
    assert isinstance(metadata, dict)
    return manifest | {"metadata": metadata | {"namespace": kubectl.namespace}}


@pytest.fixture
def carol(kubectl: Kubectl) -> str:
    """The token of someone who may take snapshots of machines here, and nothing else."""
    account(kubectl, "carol", create="virtualmachinesnapshots.virtualization.deckhouse.io")
    return token(kubectl, "carol", audience=AUDIENCE)


def test_whoever_may_create_it_is_told_what_admission_would_say(kubectl: Kubectl, lab: RunningLab, carol: str) -> None:
    machine_without_agent(kubectl, "old-vm", ["root"])
    snapshot = in_namespace(machine_snapshot("snap", "old-vm", keep="Never"), kubectl)

    answers = [
        call(lab, as_text(snapshot), token=carol),
        call(lab, json.dumps(snapshot), token=carol, media="application/json"),
        call(
            lab,
            json.dumps({"apiVersion": "v1", "kind": "List", "items": [snapshot]}),
            token=carol,
            media="application/json",
        ),
    ]

    assert [answer.status for answer in answers] == [200, 200, 200]
    found = [answer.body["results"][0] for answer in answers]
    assert [(each["verdict"], [finding["code"] for finding in each["findings"]]) for each in found] == [
        ("deny", ["ConsistencyUnavailable"])
    ] * 3
    assert kubectl.names("vms") == []


def test_whoever_may_not_create_it_is_told_nothing(kubectl: Kubectl, lab: RunningLab, carol: str) -> None:
    elsewhere = machine_snapshot("snap", "linux-vm") | {"metadata": {"name": "snap", "namespace": "default"}}
    answer = call(lab, as_text(elsewhere), token=carol)
    assert (answer.status, answer.body["errors"]) == (
        403,
        ["cannot create virtualmachinesnapshots.virtualization.deckhouse.io in namespace default"],
    )


def test_token_for_another_audience_or_of_nobody_is_refused(kubectl: Kubectl, lab: RunningLab, carol: str) -> None:
    for_the_api_server = token(kubectl, "carol")
    broken = carol[:-8] + "AAAAAAAA"
    statuses = [call(lab, "kind: A", token=each).status for each in ("", broken, for_the_api_server, carol)]
    assert statuses == [401, 401, 401, 200]


def test_account_that_is_gone_is_refused_within_seconds(kubectl: Kubectl, lab: RunningLab, carol: str) -> None:
    assert call(lab, "kind: A", token=carol).status == 200
    kubectl.must("delete", "serviceaccount", "carol")
    # The webhook remembers for ten seconds what the API server says, which remembers for ten what it has looked up.
    until(lambda: call(lab, "kind: A", token=carol).status == 401, "the account is never refused", seconds=60)


def test_openapi_document_is_there_for_everyone(lab: RunningLab) -> None:
    answer = call(lab, path="/openapi.json")
    assert (answer.status, answer.body["openapi"]) == (200, "3.1.0")


def test_nothing_is_written(kubectl: Kubectl, lab: RunningLab, carol: str) -> None:
    snapshot = in_namespace(machine_snapshot("unwritten", "none"), kubectl)
    assert call(lab, yaml.safe_dump(snapshot), token=carol).status == 200
    about = [record for record in lab.audit(kubectl.namespace) if "unwritten" in json.dumps(record.get("objectRef"))]
    assert [record["verb"] for record in about if record["verb"] not in {"get", "list", "watch"}] == []
