"""ResourceQuota: how much a namespace may use, and how much it uses."""

from __future__ import annotations

from typing import Final

from msgspec import field

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.quantity import QuantityText
from webhook.api.struct import ApiStruct


class ScopeSelector(ApiStruct, frozen=True):
    """Only that there is one is read."""


class ResourceQuotaSpec(ApiStruct, frozen=True):
    hard: dict[str, QuantityText] = field(default_factory=dict)
    scopes: tuple[str, ...] = ()
    scope_selector: ScopeSelector | None = None

    @property
    def scoped(self) -> bool:
        """Whether it counts some objects only: scopes tell pods and claims apart by what no plan of ours knows."""
        return bool(self.scopes) or self.scope_selector is not None


class ResourceQuotaStatus(ApiStruct, frozen=True):
    hard: dict[str, QuantityText] = field(default_factory=dict)
    used: dict[str, QuantityText] = field(default_factory=dict)


class ResourceQuota(Object, frozen=True):
    spec: ResourceQuotaSpec = ResourceQuotaSpec()
    status: ResourceQuotaStatus = ResourceQuotaStatus()


RESOURCE_QUOTA: Final = Kind("", "v1", "ResourceQuota", "resourcequotas", ResourceQuota)
