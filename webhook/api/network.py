"""Networks of a machine besides the main one, from the platform's module `sdn`. Only their existence is read."""

from __future__ import annotations

from typing import Final

from webhook.api.kind import Kind
from webhook.api.meta import Object

NETWORK_GROUP: Final = "network.deckhouse.io"
NETWORK_VERSION: Final = "v1alpha1"


class Network(Object, frozen=True): ...


class ClusterNetwork(Object, frozen=True): ...


NETWORK: Final = Kind(NETWORK_GROUP, NETWORK_VERSION, "Network", "networks", Network)
CLUSTER_NETWORK: Final = Kind(
    NETWORK_GROUP, NETWORK_VERSION, "ClusterNetwork", "clusternetworks", ClusterNetwork, namespaced=False
)
