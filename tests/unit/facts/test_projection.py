from __future__ import annotations

import msgspec

from tests.support import manifests
from webhook.api.decoding import decode
from webhook.api.namespace import NAMESPACE
from webhook.facts.projection import namespace_to_keep


def test_of_a_namespace_only_its_end_is_kept() -> None:
    written = manifests.metadata("team", deleting=True, labels={"a": "b"}, annotations={"c": "d"}, resourceVersion="7")
    kept = namespace_to_keep(decode(NAMESPACE, msgspec.json.encode({"metadata": written})))
    assert kept.metadata.deleting
    assert (kept.metadata.name, kept.metadata.resource_version) == ("team", "7")
    assert (kept.metadata.labels, kept.metadata.annotations) == ({}, {})
