"""`<prefix><new name><suffix>`: the first rule that matches gives the new name, and rules do not chain."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.copies import documented, rule
from webhook.api.operation import CopySpec, NameReplacement
from webhook.api.reference import Reference
from webhook.planning.naming import COPIED_KINDS, Naming, naming_of

KINDS: Final = ("", *sorted(COPIED_KINDS), "VirtualImage")
NAMES: Final = ("a", "b", "c", "d")
names = st.sampled_from(NAMES)
kinds = st.sampled_from(sorted(COPIED_KINDS))
rules = st.lists(st.builds(lambda old, new, kind: rule(old, new, kind=kind), names, names, st.sampled_from(KINDS)))
affixes = st.sampled_from(("", "x-", "-y"))


def naming(rules: list[Any], prefix: str = "", suffix: str = "") -> Naming:
    customization = {"namePrefix": prefix, "nameSuffix": suffix}
    spec = {"mode": "Strict", "nameReplacement": rules, "customization": customization}
    return naming_of(msgspec.convert(spec, CopySpec))


def by_scanning(rules: list[Any], kind: str, name: str) -> str:
    """As the platform does it: the rules in their order, up to the first that matches."""
    for each in rules:
        replaced = each["from"]
        if replaced["name"] == name and replaced.get("kind", "") in {"", kind}:
            return str(each["to"])
    return name


@given(rules, kinds, names, affixes, affixes)
def test_first_rule_that_matches_gives_the_new_name(
    written: list[Any], kind: str, name: str, prefix: str, suffix: str
) -> None:
    assert naming(written, prefix, suffix).of(kind, name) == f"{prefix}{by_scanning(written, kind, name)}{suffix}"


@given(rules, kinds, names)
def test_how_rules_are_spelled_changes_no_name(written: list[Any], kind: str, name: str) -> None:
    spec = {"mode": "Strict", "nameReplacements": documented(written)}
    assert naming_of(msgspec.convert(spec, CopySpec)).of(kind, name) == naming(written).of(kind, name)


@given(rules, kinds, names)
def test_a_rule_said_again_later_changes_no_name(written: list[Any], kind: str, name: str) -> None:
    assert naming([*written, *written]).of(kind, name) == naming(written).of(kind, name)


@given(rules)
def test_a_rule_counts_as_used_exactly_when_taking_it_away_changes_a_name(written: list[Any]) -> None:
    resources = [Reference(kind, "default", name) for kind in sorted(COPIED_KINDS) for name in NAMES]
    distinct = [each | {"to": f"new-{position}"} for position, each in enumerate(written)]
    whole = naming(distinct)
    for position in range(len(distinct)):
        rest = naming(distinct[:position] + distinct[position + 1 :])
        changes = any(whole.of(each.kind, each.name) != rest.of(each.kind, each.name) for each in resources)
        assert (position in whole.used_by(resources)) == changes


def test_rules_do_not_chain() -> None:
    chained = naming([rule("a", "b"), rule("b", "c"), rule("c", "a")])
    assert [chained.of("VirtualDisk", name) for name in "abc"] == ["b", "c", "a"]


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([rule("a", "one"), rule("a", "two", kind="VirtualDisk")], "one"),
        ([rule("a", "two", kind="VirtualDisk"), rule("a", "one")], "two"),
        ([rule("a", "two", kind="Secret"), rule("a", "one")], "one"),
        ([rule("a", "two", kind="virtualdisk")], "a"),
        ([], "a"),
    ],
)
def test_a_rule_of_any_kind_counts_where_it_stands(rules: list[Any], expected: str) -> None:
    assert naming(rules).of("VirtualDisk", "a") == expected


class CountedRules(tuple[NameReplacement, ...]):
    """Counts how often a rule is looked at."""

    looks = 0

    def __getitem__(self, position: Any) -> Any:
        type(self).looks += 1
        return super().__getitem__(position)


def test_a_thousand_rules_are_looked_at_once_for_each_name() -> None:
    spec = {"mode": "Strict", "nameReplacement": [rule(f"d{number}", f"new-{number}") for number in range(1000)]}
    given_rules = naming_of(msgspec.convert(spec, CopySpec))
    counted = Naming(CountedRules(given_rules.replacements), _first=given_rules._first)
    assert [counted.of("VirtualDisk", f"d{number}") for number in range(1000)] == [f"new-{n}" for n in range(1000)]
    assert CountedRules.looks == 1000
