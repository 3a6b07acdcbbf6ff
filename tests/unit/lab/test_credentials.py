import stat
from datetime import UTC, datetime
from ipaddress import ip_address
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from lab.credentials import (
    CLUSTER_AUTHORITY,
    ETCD_AUTHORITY,
    FRONT_PROXY_AUTHORITY,
    create_credentials,
    key_pair_files,
    load_authority,
)
from lab.errors import LabError
from lab.pki import client_certificate, create_authority

NOW = datetime(2026, 11, 23, tzinfo=UTC)
CLIENT, SERVER = ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH


@pytest.fixture(scope="module")
def pki(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("lab") / "pki"
    create_credentials(directory, NOW)
    return directory


def certificate(pki: Path, name: str) -> x509.Certificate:
    return x509.load_pem_x509_certificate(key_pair_files(pki, name).certificate.read_bytes())


@pytest.mark.parametrize("host", ["localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"])
def test_the_api_server_is_known_by_the_name(pki: Path, host: str) -> None:
    names = certificate(pki, "kube-apiserver").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert host in names.get_values_for_type(x509.DNSName)


@pytest.mark.parametrize("host", ["127.0.0.1", "10.96.0.1", "10.97.0.1"])
def test_the_api_server_is_known_by_the_address(pki: Path, host: str) -> None:
    names = certificate(pki, "kube-apiserver").extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    assert ip_address(host) in names.get_values_for_type(x509.IPAddress)


@pytest.mark.parametrize(
    ("name", "authority", "usages"),
    [
        ("kube-apiserver", CLUSTER_AUTHORITY, [SERVER]),
        ("kube-controller-manager", CLUSTER_AUTHORITY, [SERVER]),
        ("admin", CLUSTER_AUTHORITY, [CLIENT]),
        ("front-proxy-client", FRONT_PROXY_AUTHORITY, [CLIENT]),
        ("etcd", ETCD_AUTHORITY, [SERVER, CLIENT]),
        ("etcd-client", ETCD_AUTHORITY, [CLIENT]),
    ],
)
def test_a_certificate_is_for_its_use_only(
    pki: Path, name: str, authority: str, usages: list[x509.ObjectIdentifier]
) -> None:
    leaf = certificate(pki, name)
    leaf.verify_directly_issued_by(certificate(pki, authority))
    assert list(leaf.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value) == usages
    assert not leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca


def test_a_client_certificate_names_the_user_and_the_groups() -> None:
    leaf = client_certificate(create_authority("ca", NOW), "alice", ("dev", "ops"), NOW).certificate
    assert [name.value for name in leaf.subject.get_attributes_for_oid(NameOID.COMMON_NAME)] == ["alice"]
    assert {name.value for name in leaf.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)} == {"dev", "ops"}


@pytest.mark.parametrize("user", ["", "a" * 65])
def test_a_user_that_fits_no_certificate_is_refused(user: str) -> None:
    with pytest.raises(LabError):
        client_certificate(create_authority("ca", NOW), user, (), NOW)


def test_keys_are_for_their_owner_alone(pki: Path) -> None:
    assert {stat.S_IMODE(key.stat().st_mode) for key in pki.glob("*.key")} == {0o600}


def test_an_authority_is_read_back_as_it_was_written(pki: Path) -> None:
    assert load_authority(pki, CLUSTER_AUTHORITY).certificate == certificate(pki, CLUSTER_AUTHORITY)
