"""What the command says of an object's shape, and what admission says of the same object."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from copy import deepcopy
from typing import Any, Final

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.cases import MACHINE, ROOT
from tests.support.manifests import Json
from tests.support.operation_worlds import SNAPSHOT, healthy
from tests.support.reviews import review, review_document
from tests.support.world import World
from webhook.admission.request import WrongShapeError, request_from
from webhook.api.canonical import canonical_spec
from webhook.api.kind import Kind
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION
from webhook.evaluation.evaluate import evaluate
from webhook.findings.policy import Policy
from webhook.validation.check import check
from webhook.validation.documents import Document
from webhook.validation.form import without_nulls
from webhook.validation.judgement import Judgement, Outcome, Verdict, over

Told = set[tuple[str, str, str]]

WORLD: Final = healthy(World())
STORED: Final = [{"from": {"kind": "VirtualDisk", "name": ROOT}, "to": "a"}]
DOCUMENTED: Final = [{"from": {"kind": "VirtualDisk", "name": ROOT}, "to": {"name": "a"}}]
SUFFIX: Final = {"nameSuffix": "-copy"}
VALID: Final[list[tuple[Kind[Any], Json]]] = [
    (
        VIRTUAL_MACHINE_OPERATION,
        {
            "type": "Restore",
            "virtualMachineName": MACHINE,
            "restore": {"mode": "Strict", "virtualMachineSnapshotName": SNAPSHOT},
        },
    ),
    (
        VIRTUAL_MACHINE_OPERATION,
        {
            "type": "Clone",
            "virtualMachineName": MACHINE,
            "clone": {"mode": "DryRun", "nameReplacements": DOCUMENTED, "customization": SUFFIX},
        },
    ),
    (
        VIRTUAL_MACHINE_SNAPSHOT_OPERATION,
        {
            "type": "CreateVirtualMachine",
            "virtualMachineSnapshotName": SNAPSHOT,
            "createVirtualMachine": {"mode": "Strict", "nameReplacement": STORED, "customization": SUFFIX},
        },
    ),
    (VIRTUAL_MACHINE_SNAPSHOT, {"virtualMachineName": MACHINE, "keepIPAddress": "Never"}),
    (
        VIRTUAL_DISK,
        {
            "persistentVolumeClaim": {"size": "10Gi"},
            "dataSource": {"type": "ObjectRef", "objectRef": {"kind": "VirtualDiskSnapshot", "name": "x"}},
        },
    ),
]
MEMBERS: Final = ("nameReplacements", "nameReplacement", "restore", "migrate", "force", "to", "name", "kind")
odd = st.one_of(
    st.sampled_from([None, 5, 0, True, 1.5, "", "x", "strict", [], ["a"], [None], {}, [{}], "a" * 60]),
    st.sampled_from([{"name": "n"}, {"name": 5}, {"name": "n", "kind": "VirtualDisk"}, {"nameSuffix": None}]),
    st.sampled_from([STORED, DOCUMENTED]),
).map(deepcopy)


def places(value: Any, at: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    steps = value if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    for step in steps:
        yield (*at, step)
        yield from places(value[step], (*at, step))


@st.composite
def objects(draw: st.DrawFn) -> tuple[Kind[Any], Json]:
    """Valid ones, damaged in up to three places."""
    kind, valid = draw(st.sampled_from(VALID))
    spec = deepcopy(valid)
    for _ in range(draw(st.integers(0, 3))):
        *way, last = draw(st.sampled_from([*places(spec), ("extra",)]))
        parent: Any = spec
        for step in way:
            parent = parent[step]
        if isinstance(parent, dict) and draw(st.booleans()):
            last = draw(st.sampled_from(MEMBERS))
        parent[last] = draw(odd)
    return kind, {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {"name": "a"}, "spec": spec}


def offline(content: Json) -> Outcome:
    judgement = Judgement(over(WORLD, Policy()), Policy(), "default")
    (outcome,) = asyncio.run(check(judgement, [Document("a.yaml:1", "a.yaml", deepcopy(content))])).outcomes
    return outcome


def at_admission(kind: Kind[Any], content: Json) -> Told | None:
    """After the mutating webhook; None when it is refused for its shape."""
    stored = without_nulls(content)
    respelled = stored | {"spec": canonical_spec(kind, stored["spec"])}
    try:
        request = request_from(review(review_document(kind, "CREATE", asked_for=respelled)))
    except WrongShapeError:
        return None
    judged = evaluate(request, WORLD, Policy()).findings
    return {(each.finding.code, each.finding.field, str(each.action)) for each in judged}


@settings(max_examples=300)
@given(objects())
def test_command_and_admission_agree_on_what_has_the_right_shape(described: tuple[Kind[Any], Json]) -> None:
    """The API server's schema, which comes before admission, refuses what else the command calls invalid."""
    kind, content = described
    outcome, admitted = offline(content), at_admission(kind, content)
    told = {(each.finding.code, each.finding.field, str(each.action)) for each in outcome.remarks}
    if admitted is None:
        assert outcome.verdict is Verdict.DENY
    elif all(code != "SchemaInvalid" for code, _, _ in told):
        assert told == admitted
