from __future__ import annotations

from textwrap import dedent, indent
from typing import Final

import pytest

from tests.support.documents import CLONE, document
from webhook.findings.policy import Installation
from webhook.validation.dialect import Dialect, expected_dialect
from webhook.validation.fixing import fixed
from webhook.validation.form import Form, form_of

STORED: Final = dedent(
    """\
        nameReplacement:   # both spellings are about
          - from:
              kind: VirtualMachine
              name: linux-vm
            to: copy-vm   # the new one
          - from: {name: root}
            to: 'copy-root'
    """
)


def form(text: str, dialect: Dialect) -> Form:
    found = form_of(document(text), "default", dialect)
    assert found is not None
    return found


def fields(text: str, dialect: Dialect) -> list[str]:
    return [remark.finding.field for remark in form(text, dialect).remarks]


def test_both_spellings_are_fine_with_our_crds() -> None:
    assert form(CLONE, Dialect.SNAPGATE).remarks == ()
    assert fixed(CLONE, "default", Dialect.SNAPGATE) == CLONE


def test_platform_is_told_the_documented_spelling_as_it_stores_it() -> None:
    assert fields(CLONE, Dialect.PLATFORM) == [
        "spec.clone.nameReplacements",
        "spec.clone.nameReplacements[0].to",
        "spec.clone.nameReplacements[1].to",
    ]
    after = fixed(CLONE, "default", Dialect.PLATFORM)
    assert after.endswith(indent(STORED, "    "))
    assert fields(after, Dialect.PLATFORM) == []


def test_both_spellings_mean_the_same() -> None:
    meant = [form(CLONE, each).content for each in Dialect]
    assert meant[0] == meant[1] == form(fixed(CLONE, "default", Dialect.PLATFORM), Dialect.PLATFORM).content


def test_rule_that_is_there_twice_is_not_rewritten() -> None:
    twice = CLONE + "    nameReplacement: []\n"
    assert fields(twice, Dialect.PLATFORM)[0] == "spec.clone.nameReplacements"
    assert "nameReplacements:" in fixed(twice, "default", Dialect.PLATFORM)


def test_mistake_in_a_rule_is_found_where_it_was_written() -> None:
    text = CLONE.replace("name: root", "name: ''")
    (remark,) = form(text, Dialect.SNAPGATE).remarks
    span = document(text).place(remark.path)
    assert remark.finding.field == "spec.clone.nameReplacement[1].from.name"
    assert span is not None
    assert (span.line, text.splitlines()[span.line - 1][span.column - 1 :]) == (16, "name: ''}")


@pytest.mark.parametrize("to", ["{name: a, kind: b}", "[x]", "{}"])
def test_wrapping_with_more_than_a_name_in_it_is_left_alone(to: str) -> None:
    text = CLONE.replace("{name: 'copy-root'}", to)
    assert to in fixed(text, "default", Dialect.PLATFORM)


def test_comment_between_a_rule_and_its_name_stays() -> None:
    text = CLONE.replace("to:\n", "to:  # new\n")
    assert "to:  # new\n          copy-vm   # the new one" in fixed(text, "default", Dialect.PLATFORM)


def test_guard_mode_stands_on_the_platforms_crds() -> None:
    expected = [expected_dialect(each) for each in (Installation.FULL, Installation.GUARD)]
    assert expected == [Dialect.SNAPGATE, Dialect.PLATFORM]


@pytest.mark.parametrize("dialect", Dialect)
@pytest.mark.parametrize(
    ("new", "told"),
    [
        ("{name: copy-vm, kind: VirtualMachine}", "to: nothing but the new name belongs here; write to: copy-vm"),
        ("{name: 20}", 'to.name: expected string, got integer; write "20"'),
        ("{nmae: copy-vm}", "to.name: this field is required; write the new name after to:"),
        ("{}", "to.name: this field is required; write the new name after to:"),
        ("20", 'to: expected string or object, got integer; write "20"'),
    ],
)
def test_new_name_that_cannot_be_stored_is_told_beside_all_else(dialect: Dialect, new: str, told: str) -> None:
    """No schema says it, and admission refuses it."""
    text = CLONE.replace("{name: 'copy-root'}", new)
    found = [each.finding for each in form(text, dialect).remarks]
    (about_it,) = (each for each in found if each.field.startswith("spec.clone.nameReplacement[1]"))
    assert f"{about_it.field}: {about_it.text}" == f"spec.clone.nameReplacement[1].{told} [SchemaInvalid]"


def test_number_for_a_new_name_becomes_a_text() -> None:
    text = CLONE.replace("{name: 'copy-root'}", "{name: 20}")
    assert fixed(text, "default") == text.replace("20", '"20"')
