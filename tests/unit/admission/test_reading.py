from __future__ import annotations

import pytest

from tests.support.reviews import UID, disk_snapshot_created, encoded, review_document
from webhook.admission.reading import NotAReviewError, read_review
from webhook.admission.review import UserInfo
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT


def test_review_is_read_as_the_api_server_sends_it() -> None:
    review = read_review(encoded(disk_snapshot_created(dryRun=True)))
    assert (review.uid, review.operation, review.kind.kind, review.dry_run) == (
        UID,
        "CREATE",
        "VirtualDiskSnapshot",
        True,
    )


@pytest.mark.parametrize("member", ["userInfo", "options", "resource", "name", "namespace", "dryRun", "oldObject"])
def test_review_is_read_when_a_member_is_missing_or_null(member: str) -> None:
    document = disk_snapshot_created()
    document["request"][member] = None
    assert read_review(encoded(document)).uid == UID
    del document["request"][member]
    assert read_review(encoded(document)).uid == UID


def test_user_info_may_be_empty() -> None:
    review = read_review(encoded(disk_snapshot_created(userInfo={})))
    assert review.user_info is not None
    assert review.user_info.username is None


def test_user_is_read_as_an_access_review_needs_it() -> None:
    user = {"username": "ann", "uid": "7", "groups": ["a", "b"], "extra": {"example.com/ticket": ["1", "2"]}}
    review = read_review(encoded(disk_snapshot_created(userInfo=user)))
    assert review.user_info == UserInfo("ann", "7", ("a", "b"), {"example.com/ticket": ("1", "2")})


@pytest.mark.parametrize("member", ["username", "uid", "groups", "extra"])
def test_no_member_of_the_user_is_guaranteed(member: str) -> None:
    review = read_review(encoded(disk_snapshot_created(userInfo={member: None})))
    assert review.user_info == UserInfo()


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"{", id="truncated"),
        pytest.param(b"not json", id="text"),
        pytest.param(b"null", id="null"),
        pytest.param(b"[]", id="list"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(b'{"kind":"\xff"}', id="not utf-8"),
        pytest.param(b'{"kind":"\\ud800"}', id="lone surrogate"),
        pytest.param(b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1"}', id="no request"),
        pytest.param(b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}", id="too deep"),
        pytest.param(encoded(disk_snapshot_created(uid="")), id="empty uid"),
        pytest.param(encoded(disk_snapshot_created(uid=7)), id="uid is no string"),
        pytest.param(encoded(disk_snapshot_created(kind=None)), id="no kind"),
        pytest.param(encoded(disk_snapshot_created() | {"kind": "Pod"}), id="of another kind"),
        pytest.param(encoded(disk_snapshot_created() | {"apiVersion": "admission.k8s.io/v1beta1"}), id="old version"),
        pytest.param(encoded(disk_snapshot_created())[:-1], id="one byte short"),
        pytest.param(encoded(disk_snapshot_created()) + b"x", id="one byte more"),
        pytest.param(encoded(review_document(VIRTUAL_DISK_SNAPSHOT, "CREATE")), id="create of nothing"),
        pytest.param(encoded(review_document(VIRTUAL_DISK_SNAPSHOT, "DELETE")), id="delete of nothing"),
        pytest.param(encoded(review_document(VIRTUAL_DISK_SNAPSHOT, "UPDATE", asked_for={})), id="update of nothing"),
    ],
)
def test_what_is_no_review_is_refused(body: bytes) -> None:
    with pytest.raises(NotAReviewError):
        read_review(body)
