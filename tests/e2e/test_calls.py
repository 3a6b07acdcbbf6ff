"""What needs no answer is not even asked: the chart says the same as `passage()`, for the same table."""

from __future__ import annotations

import json
import re

from tests.support.foreign_kinds import served
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab
from tests.support.manifests import Json, identified
from tests.support.passage_cases import EXECUTOR, PASSAGE_CASES, PassageCase
from webhook.api.data_export import DATA_EXPORT, LEGACY_DATA_EXPORT

SENT = [case for case in PASSAGE_CASES if not case.cel_refuses]
MASTERS = "--as-group=system:masters"


def object_name(case: PassageCase) -> str:
    return re.sub(r"[^a-z]+", "-", case.name)


def as_user(name: str) -> tuple[str, ...]:
    return (f"--as={name}", MASTERS)


def written(case: PassageCase, manifest: Json) -> str:
    named = manifest | {"metadata": manifest["metadata"] | {"name": object_name(case)}}
    return json.dumps(identified(case.kind, named))


def do(kubectl: Kubectl, case: PassageCase) -> None:
    """Whether it is then allowed does not matter here."""
    if case.before is not None:
        # By someone who is not asked about, so that what is heard is the write itself.
        kubectl.must("create", *as_user(EXECUTOR), "-f", "-", given=written(case, case.before))
    if case.going:
        kubectl.must("delete", *as_user(EXECUTOR), case.kind.resource, object_name(case), "--wait=false")
    if case.after is None:
        kubectl.run("delete", *as_user(case.user), case.kind.resource, object_name(case), "--wait=false")
    else:
        verb = "create" if case.before is None else "replace"
        kubectl.run(verb, *as_user(case.user), "-f", "-", given=written(case, case.after))


def test_only_what_a_rule_is_about_is_asked(kubectl: Kubectl, lab: RunningLab) -> None:
    with served(kubectl, DATA_EXPORT, LEGACY_DATA_EXPORT):
        for case in SENT:
            do(kubectl, case)

    heard = {(each["kind"], each["name"], each["operation"]) for each in lab.reviews(kubectl.namespace)}
    judged = {
        (f"{case.kind.name} {case.kind.api_version}", object_name(case), case.operation)
        for case in SENT
        if case.expected is None
    }
    assert heard == judged
