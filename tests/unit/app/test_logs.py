"""In a process of its own: loggers keep what they were first configured with."""

from __future__ import annotations

import subprocess
import sys
from typing import Any, Final

import msgspec
import pytest

from tests.support.reviews import UID
from webhook.app.logs import configure_logs

MARKER: Final = "marker-d41d8cd98f00"


@pytest.fixture(scope="module")
def ended() -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "tests.support.marked_reviews", MARKER]
    return subprocess.run(command, check=True, capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def entries(ended: subprocess.CompletedProcess[bytes]) -> list[dict[str, Any]]:
    """Every line is one JSON object: this decodes all of them."""
    return [msgspec.json.decode(line) for line in ended.stderr.splitlines()]


def test_every_path_was_taken(ended: subprocess.CompletedProcess[bytes]) -> None:
    assert msgspec.json.decode(ended.stdout) == {
        "allowed": 200,
        "denied, and not confirmed": 200,
        "denied for its shape": 200,
        "mutated": 200,
        "unreadable": 500,
        "defective": 500,
        "defective beyond": 500,
        "not a review": 400,
        "of another kind": 400,
    }


def test_nothing_of_a_review_but_its_identity_is_logged(ended: subprocess.CompletedProcess[bytes]) -> None:
    assert MARKER.encode() not in ended.stderr


def test_whoever_reads_the_log_finds_the_review_by_its_uid(entries: list[dict[str, Any]]) -> None:
    answered = [entry for entry in entries if entry["event"] in {"review answered", "mutation answered"}]
    assert [(entry["uid"], entry["user"], entry["name"]) for entry in answered] == [(UID, "ann", "snap")] * 4
    assert sorted(entry["decision"] for entry in answered) == ["allowed", "denied", "denied", "kept"]


def test_what_is_said_while_a_review_is_judged_carries_its_uid(entries: list[dict[str, Any]]) -> None:
    (unconfirmed,) = (entry for entry in entries if entry["event"] == "denial not confirmed")
    assert unconfirmed["uid"] == UID


def test_defect_is_found_by_the_uid_and_by_where_it_is(entries: list[dict[str, Any]]) -> None:
    unreadable, defect = (entry for entry in entries if entry["event"] == "review failed")
    assert (unreadable["uid"], defect["uid"]) == (UID, UID)
    assert "phase is no string" in unreadable["reason"]
    group, cause = defect["exception"]
    assert (group["exc_type"], cause["exc_type"]) == ("ExceptionGroup", "KeyError")
    assert cause["frames"][-1]["filename"].endswith("marked_reviews.py")
    assert group["exceptions"][0][0]["exc_type"] == "ValueError"


def test_what_libraries_complain_of_has_the_same_form(entries: list[dict[str, Any]]) -> None:
    (complaint,) = (entry for entry in entries if entry["event"].startswith("Error handling request"))
    assert (complaint["level"], complaint["exception"][0]["exc_type"]) == ("error", "ValueError")


def test_unknown_level_is_explained() -> None:
    with pytest.raises(ValueError, match="use debug, info, warning or error"):
        configure_logs("loud")
