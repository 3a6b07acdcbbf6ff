"""Secret. Its bytes are read off the wire and dropped by a projection before anything is cached."""

from __future__ import annotations

from typing import Final

from msgspec import field

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct

SNAPSHOT_SECRET_TYPE: Final = "virtualmachine.virtualization.deckhouse.io/snapshot"

UNWATCHED_TYPES: Final = ("helm.sh/release.v1", "kubernetes.io/service-account-token")
"""Most Secrets of a cluster by size, and none that provisions a machine: no cache of ours has them.

Their names may be taken all the same; whoever creates a Secret hears of it then.
"""


class Secret(Object, frozen=True):
    """`digest` and `digests` are of the projection (`webhook.content.secret_projection`).

    The API server prunes members that core kinds do not have, so nobody can set them through it.
    """

    type: str = ""
    data: dict[str, str] = field(default_factory=dict)
    """Base64 by key, as on the wire; of a projected Secret only what may be kept."""
    digest: str = ""
    """Of the whole content of a machine snapshot's Secret: what the reconciler records as status.contentDigest."""
    digests: dict[str, str] = field(default_factory=dict)
    """`sha256:<hex>` of each decoded value, of Secrets that are no snapshot's."""

    def __repr__(self) -> str:
        """No log, traceback or failed assertion shows a value."""
        return f"Secret({self.metadata.namespace}/{self.metadata.name}, type={self.type!r}, keys={sorted(self.data)})"


SECRET: Final = Kind("", "v1", "Secret", "secrets", Secret)


class SavedSecretMeta(ApiStruct, frozen=True):
    name: str


class SavedSecret(ApiStruct, frozen=True):
    """A provisioning Secret as a snapshot saved it: `data` by key, each in base64 or already as `sha256:<hex>`."""

    metadata: SavedSecretMeta
    type: str = ""
    data: dict[str, str] = field(default_factory=dict)

    def __repr__(self) -> str:
        return f"SavedSecret({self.metadata.name}, type={self.type!r}, keys={sorted(self.data)})"
