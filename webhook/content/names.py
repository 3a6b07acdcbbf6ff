"""Names of what a snapshot makes. They are the platform's, so that either controller finds the other's work."""

from __future__ import annotations

from typing import Final

MAX_NAME: Final = 253
"""DNS-1123 subdomain, which is what Kubernetes allows a name to be."""


def volume_snapshot_name(snapshot_name: str, snapshot_uid: str) -> str:
    return _shortened("d8v-vds-", snapshot_name, snapshot_uid)


def snapshot_secret_name(snapshot_name: str, snapshot_uid: str) -> str:
    return _shortened("d8v-vms-", snapshot_name, snapshot_uid)


def child_snapshot_name(disk_name: str, machine_snapshot_uid: str) -> str:
    """Not shortened, as on the platform: a disk name that is too long is a finding (DerivedNameTooLong)."""
    return f"{disk_name}-{machine_snapshot_uid}"


def disk_of_child(child_name: str, machine_snapshot_uid: str) -> str:
    return child_name.removesuffix(f"-{machine_snapshot_uid}")


def _shortened(prefix: str, name: str, uid: str) -> str:
    """Cuts the name, never the uid, which is what keeps two of them apart."""
    room = MAX_NAME - len(prefix) - len(uid) - 1
    return f"{prefix}{name[:room].rstrip('.-')}-{uid}"
