"""A Secret without its secrets: what the watch cache and live reads keep of it."""

from __future__ import annotations

import msgspec

from webhook.api.meta import ObjectMeta
from webhook.api.secret import SNAPSHOT_SECRET_TYPE, Secret
from webhook.api.virtualization import GROUP
from webhook.content.saved_values import bytes_of, digests_of, reduced
from webhook.content.secret import content_digest


def secret_to_keep(secret: Secret) -> Secret:
    """No byte of a value stays, a digest does; of a machine snapshot's Secret also what `read_saved` gives.

    Projecting what is projected changes nothing.
    """
    if secret.digest or secret.digests:
        return secret
    kept = Secret(metadata=_metadata_to_keep(secret.metadata), type=secret.type)
    if secret.type != SNAPSHOT_SECRET_TYPE:
        return msgspec.structs.replace(kept, digests=digests_of(secret.data))
    digest = content_digest({key: bytes_of(value) for key, value in secret.data.items()})
    return msgspec.structs.replace(kept, data=reduced(secret.data), digest=digest)


def _metadata_to_keep(metadata: ObjectMeta) -> ObjectMeta:
    """Annotations of others may repeat the values: kubectl's copy of the manifest does."""
    ours = {name: value for name, value in metadata.annotations.items() if name.startswith(f"{GROUP}/")}
    return ObjectMeta(
        name=metadata.name,
        namespace=metadata.namespace,
        uid=metadata.uid,
        resource_version=metadata.resource_version,
        deletion_timestamp=metadata.deletion_timestamp,
        annotations=ours,
        owner_references=metadata.owner_references,
    )
