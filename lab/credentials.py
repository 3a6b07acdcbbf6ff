"""The lab's keys and certificates on disk."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from lab.addresses import API_SERVER, KUBERNETES_SERVICE
from lab.pki import (
    KeyPair,
    client_certificate,
    create_authority,
    peer_certificate,
    private_key_pem,
    public_key_pem,
    serving_certificate,
)

CLUSTER_AUTHORITY = "ca"
FRONT_PROXY_AUTHORITY = "front-proxy-ca"
ETCD_AUTHORITY = "etcd-ca"
"""Of its own, so that a certificate for the cluster opens no door to the database."""

ADMIN = "lab:admin"
MASTERS = "system:masters"

API_SERVER_NAMES: Sequence[str] = (
    "kubernetes",
    "kubernetes.default",
    "kubernetes.default.svc",
    "kubernetes.default.svc.cluster.local",
    "localhost",
    "127.0.0.1",
    str(KUBERNETES_SERVICE),
    str(API_SERVER),
)
LOOPBACK_NAMES: Sequence[str] = ("localhost", "127.0.0.1")


@dataclass(frozen=True, slots=True)
class KeyPairFiles:
    certificate: Path
    key: Path


def key_pair_files(directory: Path, name: str) -> KeyPairFiles:
    return KeyPairFiles(directory / f"{name}.crt", directory / f"{name}.key")


def create_credentials(directory: Path, now: datetime) -> None:
    """Everything the control plane needs before its first process starts."""
    directory.mkdir(mode=0o700)
    cluster, front_proxy, etcd = (
        create_authority(name, now) for name in (CLUSTER_AUTHORITY, FRONT_PROXY_AUTHORITY, ETCD_AUTHORITY)
    )
    pairs = {
        CLUSTER_AUTHORITY: cluster,
        FRONT_PROXY_AUTHORITY: front_proxy,
        ETCD_AUTHORITY: etcd,
        "kube-apiserver": serving_certificate(cluster, "kube-apiserver", API_SERVER_NAMES, now),
        "kube-controller-manager": serving_certificate(cluster, "kube-controller-manager", LOOPBACK_NAMES, now),
        "front-proxy-client": client_certificate(front_proxy, "front-proxy-client", (), now),
        "etcd": peer_certificate(etcd, "etcd", LOOPBACK_NAMES, now),
        "admin": client_certificate(cluster, ADMIN, (MASTERS,), now),
        "etcd-client": client_certificate(etcd, "kube-apiserver", (), now),
    }
    for name, pair in pairs.items():
        write_key_pair(directory, name, pair)
    signing = ec.generate_private_key(ec.SECP256R1())
    write_private(directory / "service-account.key", private_key_pem(signing))
    (directory / "service-account.pub").write_bytes(public_key_pem(signing))


def load_authority(directory: Path, name: str) -> KeyPair:
    files = key_pair_files(directory, name)
    key = serialization.load_pem_private_key(files.key.read_bytes(), password=None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise TypeError(f"{files.key} holds a key that this lab did not write")
    return KeyPair(x509.load_pem_x509_certificate(files.certificate.read_bytes()), key)


def write_key_pair(directory: Path, name: str, pair: KeyPair) -> KeyPairFiles:
    files = key_pair_files(directory, name)
    files.certificate.write_bytes(pair.certificate_pem)
    write_private(files.key, pair.key_pem)
    return files


def write_private(path: Path, content: bytes) -> None:
    path.touch(mode=0o600)
    path.write_bytes(content)
