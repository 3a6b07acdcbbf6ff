from __future__ import annotations

import base64
from typing import Final

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.content.test_saved import PASSWORD, PASSWORD_DIGEST, WHOLE, secret
from webhook.api.secret import Secret
from webhook.api.vocabulary import LAST_APPLIED_CONFIGURATION
from webhook.content.secret import content_digest
from webhook.content.secret_projection import secret_to_keep

BYTES: Final = (PASSWORD.encode(), base64.b64encode(PASSWORD.encode()).rstrip(b"="))


def everything_in(kept: Secret) -> bytes:
    """All that is kept, and what is base64 in it decoded, to any depth that matters."""
    text = msgspec.json.encode(kept)
    return text + b"".join(base64.b64decode(value) for value in kept.data.values() if not value.startswith("!"))


def test_a_digest_stands_for_each_value() -> None:
    kept = secret_to_keep(secret({"password": PASSWORD.encode()}, type="Opaque"))
    assert kept.data == {}
    assert kept.digests == {"password": PASSWORD_DIGEST}


def test_no_byte_of_a_value_is_kept_wherever_it_stood() -> None:
    metadata = {"name": "s", "annotations": {LAST_APPLIED_CONFIGURATION: PASSWORD, "copy-of": PASSWORD}}
    for each in (secret({"p": PASSWORD.encode()}, type="Opaque", metadata=metadata), secret(WHOLE, metadata=metadata)):
        assert any(part in everything_in(each) for part in BYTES)
        assert not any(part in everything_in(secret_to_keep(each)) for part in BYTES)


def test_the_digest_is_the_one_the_reconciler_records() -> None:
    assert secret_to_keep(secret(WHOLE)).digest == content_digest(WHOLE)


def test_annotations_of_the_platform_are_kept() -> None:
    name = "virtualization.deckhouse.io/vmoprestore"
    kept = secret_to_keep(secret({}, metadata={"name": "s", "annotations": {name: "uid"}}, type="Opaque"))
    assert kept.metadata.annotations == {name: "uid"}


@given(
    st.sampled_from(["Opaque", secret({}).type]), st.dictionaries(st.sampled_from(["vm", "vmmacs", "x"]), st.binary())
)
def test_projecting_twice_changes_nothing(secret_type: str, content: dict[str, bytes]) -> None:
    once = secret_to_keep(secret(content, type=secret_type))
    assert secret_to_keep(once) == once


def test_what_is_printed_shows_no_value() -> None:
    assert PASSWORD not in repr(secret({}, data={"p": PASSWORD}))
