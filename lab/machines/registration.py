"""The APIService through which the API server passes requests on to the subresource API."""

from __future__ import annotations

import base64
from typing import Final

from webhook.api.kind import Kind
from webhook.api.meta import Object
from webhook.api.struct import ApiStruct
from webhook.api.virtualization import SUBRESOURCES_GROUP, VERSION
from webhook.kube.client import Client


class ApiServiceCondition(ApiStruct, frozen=True):
    type: str
    status: str


class ApiServiceStatus(ApiStruct, frozen=True):
    conditions: tuple[ApiServiceCondition, ...] = ()


class ApiService(Object, frozen=True):
    status: ApiServiceStatus = ApiServiceStatus()

    @property
    def available(self) -> bool:
        """Whether the API server has reached the service and passes requests on."""
        return any(each.type == "Available" and each.status == "True" for each in self.status.conditions)


API_SERVICE: Final = Kind("apiregistration.k8s.io", "v1", "APIService", "apiservices", ApiService, namespaced=False)
NAME: Final = f"{VERSION}.{SUBRESOURCES_GROUP}"


async def trust(client: Client, authority_pem: bytes) -> None:
    """Name the authority of the serving certificate; the manifest cannot, because each lab has another one.

    Call it once the service listens: the change makes the API server look at once, where it would otherwise try again
    only after a back-off of up to 30 seconds.
    """
    bundle = base64.b64encode(authority_pem).decode()
    await client.merge_patch(API_SERVICE, "", NAME, {"spec": {"caBundle": bundle}})
