"""How a volume is to misbehave: parameters of its StorageClass make the driver slow, or fail a number of times."""

from collections.abc import Mapping

import msgspec

from lab.storage.errors import invalid
from lab.storage.validation import METADATA_PREFIX


class Behaviour(msgspec.Struct, frozen=True, rename="camel", forbid_unknown_fields=True):
    """Snapshots follow the class of their volume, since a driver has only one default VolumeSnapshotClass.

    `…Failures` says how many attempts fail before one succeeds.
    """

    create_seconds: float = 0.0
    create_failures: int = 0
    expand_seconds: float = 0.0
    expand_failures: int = 0
    snapshot_seconds: float = 0.0
    """Until the bytes are cut."""
    snapshot_failures: int = 0
    upload_seconds: float = 0.0
    """From the cut until the snapshot is ready to use."""


def behaviour_of(parameters: Mapping[str, str]) -> Behaviour:
    """Raises INVALID_ARGUMENT, which csi-provisioner shows as an event of the claim."""
    ours = {name: value for name, value in parameters.items() if not name.startswith(METADATA_PREFIX)}
    try:
        return msgspec.convert(ours, Behaviour, strict=False)
    except msgspec.ValidationError as error:
        known = ", ".join(Behaviour.__struct_encode_fields__)
        raise invalid(f"parameters of the StorageClass: {error}; this driver takes {known}") from error
