"""Both spellings of a renaming rule, through kubectl: one is stored, and applying the other again is no edit.

In mode DryRun, which is refused for nothing but what it says itself: there is no machine to clone.
"""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from tests.support.copies import clone, created_from_snapshot, documented, rule
from tests.support.kubectl import Json, Kubectl
from tests.support.manifests import identified
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

RULES = [rule("root", "root-2", kind="VirtualDisk"), rule("linux-vm", "copy")]
DOCUMENTED = {"nameReplacements": documented(RULES), "customization": {}}
"""As on the page, which shows both parameters."""
RULE_FIELDS = {"f:nameReplacement", "f:nameReplacements"}
STORED = {"mode": "DryRun", "nameReplacement": RULES}


def cloned(**copy: Any) -> Json:
    return identified(VIRTUAL_MACHINE_OPERATION, clone("copy", mode="DryRun", **copy))


def from_snapshot(**copy: Any) -> Json:
    return identified(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, created_from_snapshot("copy", mode="DryRun", **copy))


def a_second_later() -> None:
    """Owners of fields are noted with whole seconds: what is done within one could hide a write."""
    time.sleep(1.1)


def until_judged(kubectl: Kubectl, kind: str = "vmop") -> None:
    """The reconciler writes once, what the rehearsal came to: from then on all writes are the test's own."""
    kubectl.wait(f"{kind}/copy", "jsonpath={.status.phase}")


def version(kubectl: Kubectl, kind: str = "vmop") -> str:
    """Changes with every write that changes something."""
    until_judged(kubectl, kind)
    return str(kubectl.get(kind, "copy")["metadata"]["resourceVersion"])


def owners(kubectl: Kubectl) -> dict[str, Json]:
    """What each field manager owns of the clone block."""
    stored = json.loads(kubectl.must("get", "vmop", "copy", "-o", "json", "--show-managed-fields"))
    written = [each for each in stored["metadata"]["managedFields"] if "f:spec" in each["fieldsV1"]]
    return {each["manager"]: each["fieldsV1"]["f:spec"]["f:clone"] for each in written}


def finish(kubectl: Kubectl) -> None:
    until_judged(kubectl)
    kubectl.must(
        "patch", "vmop", "copy", "--type=merge", "--subresource=status", '--patch={"status":{"phase":"Completed"}}'
    )


@pytest.mark.parametrize(
    ("kind", "member", "manifest"),
    [
        ("vmop", "clone", cloned(**DOCUMENTED)),
        ("vmop", "clone", cloned(nameReplacements=RULES)),
        ("vmop", "clone", cloned(nameReplacement=documented(RULES))),
        ("vmop", "clone", cloned(nameReplacement=RULES)),
        ("vmsop", "createVirtualMachine", from_snapshot(**DOCUMENTED)),
    ],
    ids=["documented", "plural only", "object only", "as stored", "from a snapshot"],
)
def test_every_spelling_is_stored_alike_and_applied_again_without_a_change(
    kubectl: Kubectl, kind: str, member: str, manifest: Json
) -> None:
    first = kubectl.apply(manifest)
    assert first.ok, first.said
    assert kubectl.get(kind, "copy")["spec"][member] == STORED
    before = version(kubectl, kind)
    a_second_later()

    again = kubectl.apply(manifest)

    assert again.ok, again.said
    assert version(kubectl, kind) == before


def test_the_pages_empty_parameters_say_that_names_are_missing(kubectl: Kubectl) -> None:
    answer = kubectl.apply(cloned(nameReplacements=[], customization={}))

    assert answer.code == 1
    assert "the copy needs names of its own" in answer.said


def test_an_empty_parameter_beside_the_other_is_dropped(kubectl: Kubectl) -> None:
    manifest = cloned(nameReplacements=[], customization={"namePrefix": "copy-"})
    kubectl.must_apply(manifest)
    before = version(kubectl)
    a_second_later()

    kubectl.must_apply(manifest)

    assert kubectl.get("vmop", "copy")["spec"]["clone"] == {"mode": "DryRun", "customization": {"namePrefix": "copy-"}}
    assert version(kubectl) == before


def test_server_side_apply_owns_what_it_wrote_and_applies_again_without_a_conflict(kubectl: Kubectl) -> None:
    flags = ("--server-side", "--field-manager=pipeline")
    first = kubectl.apply(cloned(**DOCUMENTED), flags=flags)
    assert first.ok, first.said
    before = version(kubectl)
    a_second_later()

    again = kubectl.apply(cloned(**DOCUMENTED), flags=flags)
    assert again.ok, again.said
    assert version(kubectl) == before

    as_stored = kubectl.apply(cloned(nameReplacement=RULES), flags=flags)
    assert as_stored.ok, as_stored.said
    assert version(kubectl) == before
    assert kubectl.get("vmop", "copy")["spec"]["clone"] == STORED
    assert owners(kubectl) == {"pipeline": {"f:mode": {}, "f:nameReplacement": {}}}


def test_another_field_manager_applies_the_same_rules_without_a_conflict(kubectl: Kubectl) -> None:
    kubectl.must("create", "-f", "-", given=json.dumps(cloned(**DOCUMENTED)))
    flags = ("--server-side", "--field-manager=pipeline")

    joined = kubectl.apply(cloned(**DOCUMENTED), flags=flags)
    assert joined.ok, joined.said
    before = version(kubectl)
    a_second_later()
    again = kubectl.apply(cloned(**DOCUMENTED), flags=flags)

    assert again.ok, again.said
    assert version(kubectl) == before
    assert {manager: set(fields) & RULE_FIELDS for manager, fields in owners(kubectl).items()} == {
        "kubectl-create": {"f:nameReplacement"},
        "pipeline": {"f:nameReplacement"},
    }


def test_other_rules_of_another_field_manager_are_a_conflict(kubectl: Kubectl) -> None:
    kubectl.must_apply(cloned(**DOCUMENTED))

    answer = kubectl.apply(cloned(nameReplacement=RULES[:1]), flags=("--server-side", "--field-manager=pipeline"))

    assert answer.code == 1
    assert 'conflict with "kubectl-client-side-apply"' in answer.said
    assert ".spec.clone.nameReplacement" in answer.said


@pytest.mark.parametrize("flags", [(), ("--server-side", "--force-conflicts")], ids=["client-side", "server-side"])
def test_a_finished_operation_is_applied_again_without_a_change(kubectl: Kubectl, flags: tuple[str, ...]) -> None:
    kubectl.must("apply", *flags, "-f", "-", given=json.dumps(cloned(**DOCUMENTED)))
    finish(kubectl)
    before = version(kubectl)
    a_second_later()

    answer = kubectl.apply(cloned(**DOCUMENTED), flags=flags)

    assert answer.ok, answer.said
    assert version(kubectl) == before
    assert kubectl.get("vmop", "copy")["status"]["phase"] == "Completed"


def test_other_rules_in_either_spelling_are_an_edit(kubectl: Kubectl) -> None:
    kubectl.must_apply(cloned(**DOCUMENTED))
    others = [rule("root", "root-3", kind="VirtualDisk")]

    for edited in (cloned(nameReplacements=documented(others)), cloned(nameReplacement=others)):
        answer = kubectl.apply(edited)
        assert answer.code == 1
        assert "[SpecImmutable]" in answer.said

    assert kubectl.get("vmop", "copy")["spec"]["clone"] == STORED


def test_a_dry_run_shows_what_would_be_stored(kubectl: Kubectl) -> None:
    answer = kubectl.apply(cloned(**DOCUMENTED), flags=("--dry-run=server", "-o", "json"))

    assert answer.ok, answer.said
    assert json.loads(answer.output)["spec"]["clone"] == STORED
    assert kubectl.names("vmop") == []


def test_there_is_nothing_to_diff(kubectl: Kubectl) -> None:
    kubectl.must_apply(cloned(**DOCUMENTED))
    until_judged(kubectl)

    diff = kubectl.run("diff", "-f", "-", given=json.dumps(cloned(**DOCUMENTED)))

    assert (diff.code, diff.output) == (0, ""), diff.said


def test_limits_of_a_name_hold_in_both_spellings(kubectl: Kubectl) -> None:
    for new in ("n" * 60, {"name": "n" * 60}):
        answer = kubectl.apply(cloned(nameReplacements=[rule("root", new)]))
        assert answer.code == 1
        assert "spec.clone.nameReplacement[0].to: Too long" in answer.said


def test_a_thousand_rules_are_respelled(kubectl: Kubectl) -> None:
    rules = [rule(f"disk-{each}", f"copy-{each}", kind="VirtualDisk") for each in range(1_000)]
    manifest = cloned(nameReplacements=documented(rules))
    kubectl.must("create", "-f", "-", given=json.dumps(manifest))

    assert kubectl.get("vmop", "copy")["spec"]["clone"]["nameReplacement"] == rules
    until_judged(kubectl)
    assert kubectl.run("replace", "-f", "-", given=json.dumps(manifest)).ok
