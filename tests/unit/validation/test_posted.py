from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import copies
from tests.support.documents import CLONE, MACHINE_SNAPSHOT
from tests.support.reviews import machine_snapshot_created, review_document
from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.validation.dialect import Dialect
from webhook.validation.posted import MAX_NAME_CHARACTERS, Format, NotPostableError, Posted, read_posted


def posted(body: bytes, format_: Format) -> Posted | NotPostableError:
    try:
        return read_posted(body, format_, "default", Dialect.PLATFORM)
    except NotPostableError as error:
        return error


fragments = st.lists(
    st.sampled_from(
        [MACHINE_SNAPSHOT, CLONE, "---\n", "{", "}", "[", ": ", "&a ", "*a", "- ", '"', "null", "\x00", "\n"]
    )
).map("".join)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "spec", "items", "request"]), inner)
    ),
    max_leaves=10,
)


@given(st.binary() | fragments.map(str.encode), st.sampled_from(Format))
def test_any_body_is_read_or_told_why_not(body: bytes, format_: Format) -> None:
    assert isinstance(posted(body, format_), Posted | NotPostableError)


@given(
    st.fixed_dictionaries(
        {"kind": st.sampled_from(["AdmissionReview", "List", "VirtualMachineOperation"])},
        optional={
            "apiVersion": st.sampled_from(["admission.k8s.io/v1", "virtualization.deckhouse.io/v1alpha2"]) | values,
            "request": values,
            "items": values,
            "spec": values,
            "metadata": values,
        },
    )
)
def test_any_json_is_read_or_told_why_not(content: Any) -> None:
    for format_ in Format:
        assert isinstance(posted(json.dumps(content).encode(), format_), Posted | NotPostableError)


def test_review_comes_with_the_object_that_it_is_about() -> None:
    sent = machine_snapshot_created()
    for format_ in Format:
        read = posted(json.dumps(sent).encode(), format_)
        assert isinstance(read, Posted)
        assert read.review is not None
        assert read.review[1].object == sent["request"]["object"]


@pytest.mark.parametrize(
    "body",
    [
        CLONE + "      - from: {name: disk}\n        to: {name: copy}\n" * 5_000,
        CLONE + "      - from: {nam: disk}\n        to: {name: copy}\n" * 5_000,
        "---\n".join([MACHINE_SNAPSHOT] * 100),
        MACHINE_SNAPSHOT + "# " + "x" * 6_000_000,
        MACHINE_SNAPSHOT.replace("linux-vm", "x" * 6_000_000),
        "a: " + "[" * 99 + "]" * 99,
        "? " * 50_000,
        "k: v\n" * 300_000,
    ],
    ids=["rules", "wrong-rules", "documents", "comment", "scalar", "nested", "keys", "repeated"],
)
def test_largest_bodies_are_read_in_bounded_time(body: str) -> None:
    started = time.monotonic()
    posted(body.encode(), Format.YAML)
    assert time.monotonic() - started < 20, "a second or two on a busy machine; without limits it is minutes"


@pytest.mark.parametrize("part", ["copy-vm", "name: root"])
def test_text_that_every_name_of_a_copy_repeats_is_bounded(part: str) -> None:
    """Seven MiB of prefix were answered with eighty for a machine of three disks."""
    longest = CLONE.replace(part, part + "x" * (MAX_NAME_CHARACTERS - len(part.removeprefix("name: "))))
    assert isinstance(posted(longest.encode(), Format.YAML), Posted)
    refused = posted(longest.replace(part, f"{part}x").encode(), Format.YAML)
    assert isinstance(refused, NotPostableError)
    assert len(refused.reasons) == 1


def test_names_in_a_review_are_bounded_too() -> None:
    asked_for = copies.clone("copy", customization={"namePrefix": "x" * (MAX_NAME_CHARACTERS + 1)})
    review = json.dumps(review_document(VIRTUAL_MACHINE_OPERATION, "CREATE", asked_for=asked_for))
    refused = posted(review.encode(), Format.JSON)
    assert isinstance(refused, NotPostableError)
    told = "request:1: spec.clone.customization.namePrefix has 1025 characters, at most 1024 are taken"
    assert refused.reasons == (told,)


def test_reviews_are_posted_one_at_a_time() -> None:
    review = json.dumps(machine_snapshot_created())
    assert isinstance(posted(f"{review}\n---\n{review}".encode(), Format.YAML), NotPostableError)
    assert isinstance(posted(f"{review}\n---\n{MACHINE_SNAPSHOT}".encode(), Format.YAML), NotPostableError)


def test_half_of_a_surrogate_pair_cannot_be_checked() -> None:
    body = rb'{"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "x\ud800"}}'
    for format_ in Format:
        assert isinstance(posted(body, format_), NotPostableError)
