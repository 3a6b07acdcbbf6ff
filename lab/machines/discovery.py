"""What clients are told of the subresource API."""

from __future__ import annotations

from typing import Any, Final

from webhook.api.virtualization import SUBRESOURCES_GROUP, VERSION

GROUP_VERSION: Final = f"{SUBRESOURCES_GROUP}/{VERSION}"
SUBRESOURCES: Final = ("freeze", "unfreeze")
AGGREGATED_MEDIA_TYPE: Final = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""The API server asks /apis for this form first, and takes a 200 of another form for a broken one (KEP-3352)."""

_VERSION: Final = {"groupVersion": GROUP_VERSION, "version": VERSION}
_KIND: Final = {"group": SUBRESOURCES_GROUP, "version": VERSION, "kind": "VirtualMachine"}

GROUP: Final[dict[str, Any]] = {
    "kind": "APIGroup",
    "apiVersion": "v1",
    "name": SUBRESOURCES_GROUP,
    "versions": [_VERSION],
    "preferredVersion": _VERSION,
}
GROUPS: Final[dict[str, Any]] = {"kind": "APIGroupList", "apiVersion": "v1", "groups": [GROUP]}
RESOURCES: Final[dict[str, Any]] = {
    "kind": "APIResourceList",
    "apiVersion": "v1",
    "groupVersion": GROUP_VERSION,
    # No plain "virtualmachines" here: kubectl must find that name in the CRD's group only.
    "resources": [
        {
            "name": f"virtualmachines/{subresource}",
            "singularName": "",
            "namespaced": True,
            "kind": "VirtualMachine",
            "verbs": ["update"],
        }
        for subresource in SUBRESOURCES
    ],
}
AGGREGATED: Final[dict[str, Any]] = {
    "kind": "APIGroupDiscoveryList",
    "apiVersion": "apidiscovery.k8s.io/v2",
    "metadata": {},
    "items": [
        {
            "metadata": {"name": SUBRESOURCES_GROUP},
            "versions": [
                {
                    "version": VERSION,
                    "freshness": "Current",
                    "resources": [
                        {
                            "resource": "virtualmachines",
                            "scope": "Namespaced",
                            "singularResource": "virtualmachine",
                            "verbs": [],
                            "subresources": [
                                {"subresource": subresource, "responseKind": _KIND, "verbs": ["update"]}
                                for subresource in SUBRESOURCES
                            ],
                        }
                    ],
                }
            ],
        }
    ],
}
OPENAPI_V2: Final[dict[str, Any]] = {
    "swagger": "2.0",
    "info": {"title": SUBRESOURCES_GROUP, "version": VERSION},
    "paths": {},
}
OPENAPI_V3: Final[dict[str, Any]] = {"paths": {}}
"""Empty rather than missing: the API server logs an error again and again for a service without them."""
