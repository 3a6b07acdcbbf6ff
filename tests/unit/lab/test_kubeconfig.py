import base64
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from cryptography import x509

from lab.context import INSIDE, Lab
from lab.credentials import create_credentials
from lab.kubeconfig import groups_of, kubeconfig_for, kubeconfig_name
from lab.paths import LabPaths
from lab.pki import KeyPair, create_authority

NOW = datetime(2026, 11, 23, tzinfo=UTC)
BOB = "system:serviceaccount:prod:bob"


@pytest.fixture(scope="module")
def authority() -> KeyPair:
    return create_authority("ca", NOW)


def read(text: str) -> Any:
    return yaml.safe_load(text)


def test_a_kubeconfig_verifies_the_server_against_the_authority(authority: KeyPair) -> None:
    text = kubeconfig_for("alice", (), server="https://127.0.0.1:1", authority=authority, now=NOW)
    [cluster] = read(text)["clusters"]
    assert cluster["cluster"] == {
        "server": "https://127.0.0.1:1",
        "certificate-authority-data": base64.b64encode(authority.certificate_pem).decode(),
    }


def test_a_kubeconfig_carries_a_certificate_of_the_user(authority: KeyPair) -> None:
    text = kubeconfig_for("alice", ("dev",), server="https://127.0.0.1:1", authority=authority, now=NOW)
    [user] = read(text)["users"]
    leaf = x509.load_pem_x509_certificate(base64.b64decode(user["user"]["client-certificate-data"]))
    assert leaf.subject.rfc4514_string() == "CN=alice,O=dev"
    assert set(user["user"]) == {"client-certificate-data", "client-key-data"}


def test_the_current_context_is_complete(authority: KeyPair) -> None:
    document = read(kubeconfig_for("alice", (), server="https://127.0.0.1:1", authority=authority, now=NOW))
    [context] = document["contexts"]
    assert document["current-context"] == context["name"]
    assert context["context"] == {"cluster": document["clusters"][0]["name"], "user": document["users"][0]["name"]}


def test_a_service_account_is_in_the_groups_of_its_token() -> None:
    assert groups_of(BOB, ("extra",)) == ("extra", "system:serviceaccounts", "system:serviceaccounts:prod")


def test_groups_given_and_implied_are_not_doubled() -> None:
    assert groups_of(BOB, ("system:serviceaccounts",)) == ("system:serviceaccounts", "system:serviceaccounts:prod")


def test_a_person_is_in_the_given_groups_only() -> None:
    assert groups_of("alice", ("dev",)) == ("dev",)


def test_users_and_groups_do_not_share_a_file() -> None:
    names = [
        kubeconfig_name("a:b", ()),
        kubeconfig_name("a.b", ()),
        kubeconfig_name("a/b", ()),
        kubeconfig_name("a", ("b",)),
    ]
    assert len(set(names)) == len(names)
    assert not any("/" in name for name in names)


def test_a_user_gets_one_certificate_for_use_inside(tmp_path: Path) -> None:
    paths = LabPaths(state=tmp_path, runtime=tmp_path / "run")
    paths.kubeconfigs.mkdir()
    create_credentials(paths.pki, NOW)
    first = Lab("test", paths).kubeconfig("alice")
    content = first.read_text()
    assert read(content)["clusters"][0]["cluster"]["server"] == INSIDE
    assert Lab("test", paths).kubeconfig("alice").read_text() == content
