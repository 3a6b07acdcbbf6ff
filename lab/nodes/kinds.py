"""Kinds in the shape a node needs them."""

from __future__ import annotations

import base64
from typing import Final

from msgspec import field

from webhook.api.kind import Kind
from webhook.api.meta import Object


class Node(Object, frozen=True):
    pass


class ConfigMap(Object, frozen=True):
    data: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        return {name: text.encode() for name, text in self.data.items()}


class SecretFiles(Object, frozen=True):
    """With its bytes, which the product's own `Secret` leaves out."""

    data: dict[str, str] = field(default_factory=dict)

    @property
    def files(self) -> dict[str, bytes]:
        return {name: base64.b64decode(text) for name, text in self.data.items()}


NODE_KIND: Final = Kind("", "v1", "Node", "nodes", Node, namespaced=False)
CONFIG_MAP: Final = Kind("", "v1", "ConfigMap", "configmaps", ConfigMap)
SECRET_FILES: Final = Kind("", "v1", "Secret", "secrets", SecretFiles)
SERVICE_ACCOUNT: Final = Kind("", "v1", "ServiceAccount", "serviceaccounts", Object)
