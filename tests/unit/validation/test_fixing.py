from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.documents import DEPLOYMENT, MACHINE_SNAPSHOT, PAGE_RESTORE, read
from webhook.validation.dialect import Dialect
from webhook.validation.documents import Document
from webhook.validation.fixing import difference, fixed
from webhook.validation.form import form_of

FIXED_RESTORE = (
    PAGE_RESTORE.replace("virtualisation", "virtualization")
    .replace("type: restore", "type: Restore")
    .replace("mode: strict", "mode: Strict")
)


def test_what_has_one_right_answer_is_rewritten_and_nothing_else_is() -> None:
    assert fixed(PAGE_RESTORE, "default") == FIXED_RESTORE


@pytest.mark.parametrize("text", [MACHINE_SNAPSHOT, DEPLOYMENT, "a: [", "", "just text", FIXED_RESTORE])
def test_what_needs_no_correction_stays_as_it_is(text: str) -> None:
    assert fixed(text, "default") == text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("  virtualMachineName: 007 # bond\n", '  virtualMachineName: "007" # bond\n'),
        ("  virtualMachineName: on\n", '  virtualMachineName: "on"\n'),
        ("  'virtualmachinename': linux-vm\n", '  "virtualMachineName": linux-vm\n'),
        (
            "  virtualMachineName: x\n  requiredConsistency: 'TRUE'\n",
            "  virtualMachineName: x\n  requiredConsistency: true\n",
        ),
        ('  virtualMachineName: x\n  keepIPAddress: "never"\n', '  virtualMachineName: x\n  keepIPAddress: "Never"\n'),
    ],
)
def test_correction_keeps_what_is_around_it(before: str, after: str) -> None:
    head = MACHINE_SNAPSHOT.partition("  virtualMachineName")[0]
    assert fixed(head + before, "default") == head + after


def test_words_of_metadata_that_yaml_takes_for_something_else_become_texts() -> None:
    """A snapshot named after its day, and a label that says on."""
    text = MACHINE_SNAPSHOT.partition("metadata:")[0] + (
        "metadata:\n  name: 20261126 # today\n  labels: {nightly: on, example.com/week: 48}\n"
        "spec:\n  virtualMachineName: linux-vm\n"
    )
    assert fixed(text, "default") == (
        text.replace("20261126", '"20261126"').replace(": on", ': "on"').replace(": 48", ': "48"')
    )


def test_flow_style_and_json_are_corrected_in_their_own_style() -> None:
    text = (
        '{"apiVersion": "virtualisation.deckhouse.io/v1alpha2", "kind": "VirtualMachineSnapshot",\n'
        '\t"metadata": {"name": "a"}, "spec": {"virtualMachineName": 5}}\n'
    )
    assert fixed(text, "default") == text.replace("virtualisation", "virtualization").replace("5}", '"5"}')


def test_line_ends_and_byte_order_mark_stay() -> None:
    text = "\ufeff" + PAGE_RESTORE.replace("\n", "\r\n")
    assert fixed(text, "default") == "\ufeff" + FIXED_RESTORE.replace("\n", "\r\n")


def test_value_that_has_an_anchor_is_left_alone() -> None:
    text = MACHINE_SNAPSHOT.replace("linux-vm", "&name 12")
    assert fixed(text, "default") == text


def test_word_that_stands_for_two_things_is_left_alone() -> None:
    """One place, read as a name and as a truth: correcting the one would break the other."""
    spec = "spec: {virtualMachineName: &x yes, requiredConsistency: *x}\n"
    text = MACHINE_SNAPSHOT.partition("spec:")[0] + spec
    assert fixed(text, "default") == text


def test_broken_document_does_not_keep_others_from_being_corrected() -> None:
    assert fixed(f"a: [\n---\n{PAGE_RESTORE}", "default") == f"a: [\n---\n{FIXED_RESTORE}"


def test_difference_is_shown_as_diff_does() -> None:
    assert difference("a\nb", "a\nc", "x.yaml") == (
        "--- x.yaml\n+++ x.yaml (fixed)\n@@ -1,2 +1,2 @@\n a\n-b\n\\ No newline at end of file\n"
        "+c\n\\ No newline at end of file\n"
    )


pieces = st.sampled_from(
    [
        PAGE_RESTORE,
        MACHINE_SNAPSHOT,
        DEPLOYMENT,
        "a: [\n",
        PAGE_RESTORE.replace("spec:", "Spec:").replace("linux-vm", "1e3"),
        MACHINE_SNAPSHOT.replace("kind: V", "kind: v").replace("linux-vm", "yes # really?"),
        "{kind: vmsnapshot, apiVersion: v1, metadata: {name: 5}, spec: {virtualmachinename: 'a b'}}\n",
    ]
)


@given(st.lists(pieces, max_size=4).map("---\n".join))
def test_correcting_twice_is_correcting_once_and_leaves_nothing_to_correct(text: str) -> None:
    once = fixed(text, "default")
    assert fixed(once, "default") == once
    for each in read(once):
        form = form_of(each, "default", Dialect.SNAPGATE) if isinstance(each, Document) else None
        assert form is None or form.corrections == ()


@given(st.lists(pieces, max_size=3).map("---\n".join), st.text("ab: -\n#{}[]&*'\"", max_size=12), st.data())
def test_any_text_is_corrected_without_changing_what_is_right(text: str, noise: str, data: st.DataObject) -> None:
    place = data.draw(st.integers(0, len(text)))
    noisy = text[:place] + noise + text[place:]
    once = fixed(noisy, "default")
    assert [line for line in noisy.splitlines() if line.lstrip().startswith("#")] == [
        line for line in once.splitlines() if line.lstrip().startswith("#")
    ]
    assert fixed(once, "default") == once
