"""Kubeconfigs that carry a client certificate."""

import base64
import json
from collections.abc import Sequence
from datetime import datetime
from urllib.parse import quote

from lab.pki import KeyPair, client_certificate

SERVICE_ACCOUNT = "system:serviceaccount:"


def kubeconfig_for(
    user: str,
    groups: Sequence[str],
    *,
    server: str,
    authority: KeyPair,
    now: datetime,
) -> str:
    """JSON, which every reader of kubeconfigs takes as YAML."""
    pair = client_certificate(authority, user, groups_of(user, groups), now)
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "lab",
        "clusters": [
            {
                "name": "lab",
                "cluster": {"server": server, "certificate-authority-data": _encoded(authority.certificate_pem)},
            }
        ],
        "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": user}}],
        "users": [
            {
                "name": user,
                "user": {
                    "client-certificate-data": _encoded(pair.certificate_pem),
                    "client-key-data": _encoded(pair.key_pem),
                },
            }
        ],
    }
    return json.dumps(document, indent=2) + "\n"


def groups_of(user: str, groups: Sequence[str]) -> tuple[str, ...]:
    """A service account's token would put it in these groups, so a certificate in its name does too."""
    if not user.startswith(SERVICE_ACCOUNT):
        return tuple(groups)
    namespace = user.removeprefix(SERVICE_ACCOUNT).partition(":")[0]
    implied = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
    return tuple(dict.fromkeys((*groups, *implied)))


def kubeconfig_name(user: str, groups: Sequence[str]) -> str:
    return "+".join(quote(part, safe="") for part in (user, *groups)) + ".yaml"


def _encoded(pem: bytes) -> str:
    return base64.b64encode(pem).decode()
