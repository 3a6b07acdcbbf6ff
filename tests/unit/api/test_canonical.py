from __future__ import annotations

import json
import time
from copy import deepcopy
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft7Validator

from schemas.generate import ROOT
from tests.support.copies import clone, created_from_snapshot, documented, rule
from webhook.api.canonical import canonical_spec
from webhook.api.kind import Kind
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.api.virtual_machine_snapshot_operation import VIRTUAL_MACHINE_SNAPSHOT_OPERATION

RULES = [rule("root", "root-2", kind="VirtualDisk"), rule("linux-vm", "copy")]
OTHERS = [rule("root", "root-3")]
VALIDATORS = {
    kind.name: Draft7Validator(json.loads((ROOT / "json" / f"{kind.name.lower()}.json").read_text()))
    for kind in (VIRTUAL_MACHINE_OPERATION, VIRTUAL_MACHINE_SNAPSHOT_OPERATION)
}

NAMES = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
SOURCES = st.fixed_dictionaries({"name": NAMES}, optional={"kind": NAMES})
RULE_LISTS = st.lists(st.fixed_dictionaries({"from": SOURCES, "to": NAMES}), max_size=5)
CUSTOMIZATIONS = st.fixed_dictionaries({}, optional={"namePrefix": NAMES, "nameSuffix": NAMES})
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 3) | NAMES | st.just({"name": "x"}) | st.just([rule("a", "b")]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(NAMES | st.sampled_from(["from", "to", "name", "kind"]), inner, max_size=3)
    ),
    max_leaves=8,
)
MEMBERS = st.sampled_from(["mode", "nameReplacement", "nameReplacements", "customization", "other"])


def canonical(**copy: Any) -> Any:
    """The canonical form of a `clone` block without its mode."""
    spec = clone("it", **copy)["spec"]
    respelled = dict(canonical_spec(VIRTUAL_MACHINE_OPERATION, spec)["clone"])
    del respelled["mode"]
    return respelled


@pytest.mark.parametrize(
    ("written", "stored"),
    [
        pytest.param({"nameReplacement": RULES}, {"nameReplacement": RULES}, id="as stored"),
        pytest.param({"nameReplacements": documented(RULES)}, {"nameReplacement": RULES}, id="as documented"),
        pytest.param({"nameReplacements": RULES}, {"nameReplacement": RULES}, id="only the plural"),
        pytest.param({"nameReplacement": documented(RULES)}, {"nameReplacement": RULES}, id="only the object"),
        pytest.param(
            {"nameReplacement": RULES, "nameReplacements": documented(RULES)},
            {"nameReplacement": RULES},
            id="applied again",
        ),
        pytest.param(
            {"nameReplacement": RULES, "nameReplacements": documented(OTHERS)},
            {"nameReplacement": RULES, "nameReplacements": OTHERS},
            id="two that differ",
        ),
        pytest.param(
            {"nameReplacement": RULES, "nameReplacements": RULES[::-1]},
            {"nameReplacement": RULES, "nameReplacements": RULES[::-1]},
            id="another order, which matters: the first match counts",
        ),
        pytest.param({"nameReplacement": [], "nameReplacements": RULES}, {"nameReplacement": RULES}, id="one is empty"),
        pytest.param({"nameReplacements": [], "customization": {}}, {}, id="the page's empty ones"),
        pytest.param({"nameReplacement": [], "customization": {}}, {}, id="empty"),
        pytest.param({"nameReplacement": None, "nameReplacements": RULES}, {"nameReplacement": RULES}, id="null"),
        pytest.param(
            {"customization": {"namePrefix": "a-"}, "nameReplacements": []},
            {"customization": {"namePrefix": "a-"}},
            id="names in another way",
        ),
        pytest.param({"customization": {"namePrefix": ""}}, {"customization": {"namePrefix": ""}}, id="empty prefix"),
    ],
)
def test_rules_have_one_spelling(written: dict[str, Any], stored: dict[str, Any]) -> None:
    assert canonical(**written) == stored


@pytest.mark.parametrize(
    "odd",
    [
        rule("a", {}),
        rule("a", {"name": 7}),
        rule("a", {"name": "b", "kind": "VirtualDisk"}),
        rule("a", ["b"]),
        rule("a", None),
        rule("a", 7),
        {"from": {"name": "a"}},
        {"to": "b"},
        "text",
        None,
        [],
    ],
)
def test_rule_of_the_wrong_shape_is_left_for_the_schema(odd: Any) -> None:
    assert canonical(nameReplacement=[odd, *documented(OTHERS)]) == {"nameReplacement": [odd, *OTHERS]}


@pytest.mark.parametrize("odd", ["text", 7, {}, {"name": "x"}, True])
def test_list_of_the_wrong_shape_is_left_for_the_schema(odd: Any) -> None:
    assert canonical(nameReplacements=odd) == {"nameReplacements": odd}
    assert canonical(nameReplacement=odd) == {"nameReplacement": odd}


def test_operation_on_a_snapshot_is_respelled_too() -> None:
    written = created_from_snapshot("it", nameReplacements=documented(RULES))["spec"]
    stored = created_from_snapshot("it", nameReplacement=RULES)["spec"]
    assert canonical_spec(VIRTUAL_MACHINE_SNAPSHOT_OPERATION, written) == stored


@pytest.mark.parametrize(
    ("kind", "spec"),
    [
        (VIRTUAL_MACHINE_OPERATION, {"type": "Stop", "virtualMachineName": "linux-vm"}),
        (VIRTUAL_MACHINE_OPERATION, {"clone": "text"}),
        (VIRTUAL_MACHINE_OPERATION, "text"),
        (VIRTUAL_MACHINE_OPERATION, None),
        (VIRTUAL_MACHINE_OPERATION, {"createVirtualMachine": {"nameReplacements": RULES}}),
        (VIRTUAL_MACHINE, {"clone": {"nameReplacements": RULES}}),
        (VIRTUAL_MACHINE_OPERATION, clone("it", nameReplacement=RULES)["spec"]),
    ],
)
def test_everything_else_is_returned_as_it_is(kind: Kind[Any], spec: Any) -> None:
    assert canonical_spec(kind, spec) is spec


def test_what_was_written_is_not_changed_in_place() -> None:
    written = clone("it", nameReplacements=documented(RULES))["spec"]
    kept = deepcopy(written)
    canonical_spec(VIRTUAL_MACHINE_OPERATION, written)
    assert written == kept


def test_ten_thousand_rules_take_no_time_worth_mentioning() -> None:
    """Some 10 ms; were each compared with each, it would be minutes."""
    rules = [rule(f"disk-{each}", f"copy-{each}") for each in range(10_000)]
    spec = clone("it", nameReplacement=rules, nameReplacements=documented(rules))["spec"]
    started = time.process_time()
    canonical_spec(VIRTUAL_MACHINE_OPERATION, spec)
    assert time.process_time() - started < 2


@given(copy=st.dictionaries(MEMBERS, ANYTHING, max_size=5))
def test_canonical_form_is_its_own(copy: dict[str, Any]) -> None:
    once = canonical_spec(VIRTUAL_MACHINE_OPERATION, {"clone": copy})
    assert canonical_spec(VIRTUAL_MACHINE_OPERATION, once) is once


@given(
    rules=RULE_LISTS,
    customization=CUSTOMIZATIONS,
    plural=st.booleans(),
    doubled=st.booleans(),
    as_objects=st.lists(st.booleans(), min_size=5, max_size=5),
)
def test_every_spelling_is_stored_alike_and_passes_the_crd(
    rules: list[dict[str, Any]], customization: dict[str, str], plural: bool, doubled: bool, as_objects: list[bool]
) -> None:
    spelled = [
        each | {"to": {"name": each["to"]}} if as_object else each
        for each, as_object in zip(rules, as_objects, strict=False)
    ]
    written: dict[str, Any] = {
        "nameReplacements" if plural else "nameReplacement": spelled,
        "customization": customization,
    }
    if doubled:
        written |= {"nameReplacement": rules}
    meant: dict[str, Any] = ({"nameReplacement": rules} if rules else {}) | (
        {"customization": customization} if customization else {}
    )
    spec = canonical_spec(VIRTUAL_MACHINE_OPERATION, clone("it", **written)["spec"])
    assert spec == clone("it", **meant)["spec"]
    document = {
        "apiVersion": VIRTUAL_MACHINE_OPERATION.api_version,
        "kind": VIRTUAL_MACHINE_OPERATION.name,
        "metadata": {"name": "it"},
        "spec": spec,
    }
    assert list(VALIDATORS["VirtualMachineOperation"].iter_errors(document)) == []
    assert msgspec.json.decode(msgspec.json.encode(spec)) == spec


def test_limits_of_a_name_hold_in_the_schema_although_it_has_no_type() -> None:
    validator = VALIDATORS["VirtualMachineOperation"]
    for new, valid in [("n" * 59, True), ("n" * 60, False), ("", False), ({"name": "n"}, True), (7, False)]:
        spec = clone("it", nameReplacement=[rule("a", new)])["spec"]
        document = {
            "apiVersion": VIRTUAL_MACHINE_OPERATION.api_version,
            "kind": VIRTUAL_MACHINE_OPERATION.name,
            "metadata": {"name": "it"},
            "spec": spec,
        }
        assert validator.is_valid(document) is valid, new
