from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from tests.support.documents import DEPLOYMENT, MACHINE_SNAPSHOT, PAGE_RESTORE, read
from tests.support.exported import exported
from tests.support.world import World
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.findings.catalogue import CODES
from webhook.findings.code import Profile
from webhook.findings.policy import Policy
from webhook.inventory.manifests import Manifests
from webhook.validation.check import Checked, ExitCode, check
from webhook.validation.documents import read_documents
from webhook.validation.judgement import Judgement, Outcome, Verdict, over
from webhook.validation.limits import OF_REQUESTS


def a_world() -> World:
    """One machine that can be captured, and one whose guest has no agent."""
    world = World().disk("root").machine("linux-vm", disks=["root"])
    return world.disk("old-root").machine("old-vm", disks=["old-root"], agent=False)


def checked(text: str, world: World | None = None, profile: Profile = Profile.STRICT) -> Checked:
    judgement = Judgement(over(world or a_world(), Policy(profile)), Policy(profile), "default")
    return asyncio.run(check(judgement, read(text)))


def only(text: str, world: World | None = None) -> Outcome:
    (outcome,) = checked(text, world).outcomes
    return outcome


def codes(outcome: Outcome) -> list[str]:
    return [remark.finding.code for remark in outcome.remarks]


def test_what_admission_would_allow_is_allowed() -> None:
    assert only(MACHINE_SNAPSHOT).verdict is Verdict.ALLOW


def test_what_admission_would_deny_is_denied_for_the_same_reason() -> None:
    outcome = only(MACHINE_SNAPSHOT.replace("linux-vm", "old-vm"))
    assert (outcome.verdict, codes(outcome)) == (Verdict.DENY, ["ConsistencyUnavailable"])


def test_misspelled_document_is_judged_as_it_was_meant_to_be() -> None:
    """Every reason at once: those of the cluster too, not only those of the schema."""
    outcome = only(MACHINE_SNAPSHOT.replace("virtualMachineName: linux-vm", "virtualmachinename: old-vm"))
    assert codes(outcome) == ["ConsistencyUnavailable", "SchemaInvalid"]


def test_namespace_of_the_document_wins_over_that_of_the_caller() -> None:
    elsewhere = MACHINE_SNAPSHOT.replace("  name: monday", "  name: monday\n  namespace: team")
    assert only(elsewhere).subject.namespace == "team"
    assert codes(only(elsewhere)) == ["MachineNotFound"]


def test_profile_decides_what_becomes_of_a_finding() -> None:
    text = MACHINE_SNAPSHOT.replace("linux-vm", "gone")
    verdicts = [checked(text, profile=each).outcomes[0].verdict for each in (Profile.STRICT, Profile.GUARD)]
    assert verdicts == [Verdict.ALLOW, Verdict.DENY]


def test_what_is_exported_without_a_kind_leaves_a_check_undecided() -> None:
    facts = Manifests(each for each in exported(a_world()) if each["kind"] != VIRTUAL_DISK.name)
    judgement = Judgement(over(facts, Policy()), Policy(), "default")
    (outcome,) = asyncio.run(check(judgement, read(MACHINE_SNAPSHOT))).outcomes
    assert outcome.verdict is Verdict.UNDECIDED
    unknown = [each.finding for each in outcome.remarks if each.finding.code == "FactUnknown"]
    assert CODES["FactUnknown"].example in [each.message for each in unknown]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MACHINE_SNAPSHOT, ExitCode.NOTHING_DENIED),
        (DEPLOYMENT, ExitCode.NOTHING_DENIED),
        (PAGE_RESTORE, ExitCode.DENIED),
        (f"{PAGE_RESTORE}---\na: [\n", ExitCode.DENIED),
        (f"{MACHINE_SNAPSHOT}---\na: [\n", ExitCode.UNDECIDED),
        ("", ExitCode.UNDECIDED),
        ("just text", ExitCode.UNDECIDED),
        ("replicas: 3", ExitCode.UNDECIDED),
    ],
)
def test_exit_code_says_whether_to_go_on(text: str, expected: ExitCode) -> None:
    assert checked(text).exit_code is expected


def test_unreadable_fact_is_no_reason_to_allow() -> None:
    world = a_world().change(VIRTUAL_DISK, "root", status={"phase": 5})
    assert only(MACHINE_SNAPSHOT, world).verdict is Verdict.UNDECIDED


pieces = [
    MACHINE_SNAPSHOT,
    MACHINE_SNAPSHOT.replace("linux-vm", "old-vm").replace("monday", "tuesday"),
    PAGE_RESTORE,
    DEPLOYMENT,
    MACHINE_SNAPSHOT.replace("linux-vm", "gone").replace("monday", "friday"),
]


@given(st.permutations(pieces))
def test_order_of_documents_changes_nothing(shuffled: Sequence[str]) -> None:
    def told(texts: Sequence[str]) -> list[tuple[Any, ...]]:
        outcomes = checked("---\n".join(texts)).outcomes
        return sorted((each.subject, str(each.verdict), codes(each)) for each in outcomes)

    assert told(shuffled) == told(pieces)


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["name", "spec", "kind", "from", "to", "mode"]), inner)
    ),
    max_leaves=20,
)
kinds = st.sampled_from(
    ["VirtualMachineOperation", "VirtualMachineSnapshotOperation", "VirtualDiskSnapshot", "vms", ""]
)


@given(
    kind=kinds,
    metadata=values | st.fixed_dictionaries({"name": values, "labels": values}),
    spec=values
    | st.fixed_dictionaries(
        {
            "type": values | st.just("Clone"),
            "virtualMachineName": values,
            "clone": values | st.fixed_dictionaries({"mode": values, "nameReplacement": values}),
            "restore": values,
        }
    ),
)
def test_any_object_ends_in_an_outcome(kind: str, metadata: Any, spec: Any) -> None:
    content = {"apiVersion": "virtualization.deckhouse.io/v1alpha2", "kind": kind, "metadata": metadata, "spec": spec}
    judgement = Judgement(over(a_world(), Policy()), Policy(), "default")
    text = yaml.safe_dump(content, allow_unicode=True)
    result = asyncio.run(check(judgement, read_documents(text, "a.yaml", OF_REQUESTS)))
    assert len(result.outcomes) + len(result.unreadable) + result.others == 1
