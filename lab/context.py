"""One lab, as its components see it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from lab.addresses import API_SERVER_PORT
from lab.credentials import CLUSTER_AUTHORITY, KeyPairFiles, load_authority, write_key_pair
from lab.kubeconfig import kubeconfig_for, kubeconfig_name
from lab.paths import LabPaths
from lab.pki import serving_certificate

INSIDE = f"https://127.0.0.1:{API_SERVER_PORT}"
"""Each lab has its own loopback, so the API server's address inside is the same in all of them."""


@dataclass(frozen=True, slots=True)
class Lab:
    name: str
    paths: LabPaths

    def binary(self, tool: str) -> str:
        """The path of kube-apiserver, kubectl, etcd, csi-provisioner, … at the pinned version."""
        return str(self.paths.binaries / tool)

    @property
    def authority(self) -> Path:
        """The certificate of the authority that signs all serving and client certificates of the cluster (PEM)."""
        return self.paths.pki / f"{CLUSTER_AUTHORITY}.crt"

    def kubeconfig(self, user: str, groups: Sequence[str] = ()) -> Path:
        """A kubeconfig for use inside the lab, with a client certificate of its own; issued once per user."""
        path = self.paths.kubeconfigs / kubeconfig_name(user, groups)
        if not path.exists():
            authority = load_authority(self.paths.pki, CLUSTER_AUTHORITY)
            path.write_text(kubeconfig_for(user, groups, server=INSIDE, authority=authority, now=datetime.now(UTC)))
            path.chmod(0o600)
        return path

    def serving_certificate(self, name: str, hosts: Sequence[str]) -> KeyPairFiles:
        """Files of a serving certificate for these DNS names and addresses, signed by `authority`."""
        authority = load_authority(self.paths.pki, CLUSTER_AUTHORITY)
        return write_key_pair(self.paths.pki, name, serving_certificate(authority, name, hosts, datetime.now(UTC)))
