"""A mounted Secret: its content is a directory that a symbolic link points to, and is replaced as a whole."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from certs.authority import Authority
from certs.leaf import LIFETIME, sign_leaf

NAME = "snapgate-webhook.snapgate-system.svc"


class MountedSecret:
    def __init__(self, path: Path) -> None:
        self.path = path
        self._revision = 0
        self.path.mkdir()

    def put(self, files: dict[str, bytes]) -> None:
        """As the kubelet does (atomic_writer.go): a new directory, and one rename of the link to it."""
        self._revision += 1
        content = self.path / f"..{self._revision}"
        content.mkdir()
        for name, data in files.items():
            (content / name).write_bytes(data)
            if not (self.path / name).is_symlink():
                (self.path / name).symlink_to(Path("..data") / name)
        link = self.path / "..data_tmp"
        link.symlink_to(content.name)
        link.rename(self.path / "..data")

    def overwrite(self, name: str, data: bytes) -> None:
        """In place, as nobody should."""
        (self.path / name).write_bytes(data)


def issued(
    authority: Authority, now: datetime, *, name: str = NAME, lifetime: timedelta = LIFETIME
) -> dict[str, bytes]:
    """What cert-manager puts into a Secret."""
    leaf = sign_leaf(authority, [name], now, lifetime=lifetime)
    key = leaf.private_key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    certificate = leaf.certificate.public_bytes(Encoding.PEM)
    return {"tls.crt": certificate, "tls.key": key, "ca.crt": authority.certificate_pem}
