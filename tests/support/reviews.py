"""AdmissionReviews as the API server sends them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

from tests.support import manifests
from tests.support.manifests import NAMESPACE, Json
from webhook.admission.reading import read_review
from webhook.admission.review import Review
from webhook.api.kind import Kind
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT

UID: Final = "0df28fbd-5f5f-11e8-bc74-36e6bb280816"
SNAPSHOT: Final = "snap"


def review_document(
    of_kind: Kind[Any],
    operation: str,
    /,
    *,
    asked_for: Mapping[str, Any] | None = None,
    present: Mapping[str, Any] | None = None,
    **request: Any,
) -> Json:
    """`request` replaces or adds members of the request, as they are spelled on the wire."""
    identity = {"apiVersion": of_kind.api_version, "kind": of_kind.name}
    subject = asked_for or present or {}
    return {
        "kind": "AdmissionReview",
        "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": UID,
            "kind": {"group": of_kind.group, "version": of_kind.version, "kind": of_kind.name},
            "resource": {"group": of_kind.group, "version": of_kind.version, "resource": of_kind.plural},
            "name": subject.get("metadata", {}).get("name", ""),
            "namespace": NAMESPACE,
            "operation": operation,
            "userInfo": {"username": "ann", "groups": ["system:authenticated"]},
            "object": None if asked_for is None else identity | dict(asked_for),
            "oldObject": None if present is None else identity | dict(present),
            "dryRun": False,
            "options": {"kind": "CreateOptions", "apiVersion": "meta.k8s.io/v1"},
        }
        | request,
    }


def disk_snapshot_created(*, of: str = "data", required_consistency: bool = True, **request: Any) -> Json:
    asked_for = manifests.disk_snapshot(SNAPSHOT, of=of, required_consistency=required_consistency)
    return review_document(VIRTUAL_DISK_SNAPSHOT, "CREATE", asked_for=_with_uid(asked_for), **request)


def machine_snapshot_created(*, of: str = "linux-vm", required_consistency: bool = True, **request: Any) -> Json:
    asked_for = manifests.machine_snapshot(SNAPSHOT, of=of, required_consistency=required_consistency)
    return review_document(VIRTUAL_MACHINE_SNAPSHOT, "CREATE", asked_for=_with_uid(asked_for), **request)


def disk_snapshot_updated(before: Json, after: Json, **request: Any) -> Json:
    return review_document(VIRTUAL_DISK_SNAPSHOT, "UPDATE", asked_for=after, present=before, **request)


def encoded(document: Json) -> bytes:
    return msgspec.json.encode(document)


def review(document: Json) -> Review:
    return read_review(encoded(document))


def _with_uid(asked_for: Json) -> Json:
    """Which the API server gives before it asks validating webhooks (tests/contract/recorded)."""
    return asked_for | {"metadata": asked_for["metadata"] | {"uid": "new"}}
