"""The webhook configurations that make the API server ask the listener about everything."""

from __future__ import annotations

import base64
from typing import Final

from tests.contract.recording.listener import ADDRESS, PORT
from tests.contract.recording.recording import MUTATE, VALIDATE
from tests.support.manifests import NAMESPACE, Json
from webhook.admission.judged import JUDGED
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtualization import GROUP, VERSION

ENDING: Final = "ending"
"""A namespace that is deleted while it has snapshots."""
TIMEOUT_SECONDS: Final = 5
"""The chart's default."""

_KINDS: Final = [kind.plural for kind in JUDGED.values() if kind.group == GROUP and kind is not VIRTUAL_DISK]
_OTHERS: Final = [kind for kind in JUDGED.values() if kind.plural not in _KINDS]
"""Without their subresources: the lab writes the status of disks whenever it likes."""


def registration(authority_pem: bytes) -> tuple[Json, Json]:
    """The mutating one asks for what a mutating webhook of ours could want."""
    everything = [
        _rule(GROUP, VERSION, [*_KINDS, *(f"{kind}/*" for kind in _KINDS)], "*"),
        *(_rule(kind.group, kind.version, [kind.plural], "*") for kind in _OTHERS),
        _rule("apps", "v1", ["deployments/scale"], "*"),
        _rule("", "v1", ["pods/exec"], "CONNECT"),
    ]
    writes = [_rule(GROUP, VERSION, _KINDS, "CREATE", "UPDATE")]
    return (
        _configuration("ValidatingWebhookConfiguration", VALIDATE, everything, authority_pem),
        _configuration("MutatingWebhookConfiguration", MUTATE, writes, authority_pem),
    )


def _rule(group: str, version: str, resources: list[str], *operations: str) -> Json:
    return {
        "apiGroups": [group],
        "apiVersions": [version],
        "resources": resources,
        "operations": list(operations),
        "scope": "Namespaced",
    }


def _configuration(kind: str, path: str, rules: list[Json], authority_pem: bytes) -> Json:
    return {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": kind,
        "metadata": {"name": "recorder"},
        "webhooks": [
            {
                "name": f"{path.removeprefix('/')}.recorder.example.com",
                "admissionReviewVersions": ["v1"],
                "clientConfig": {
                    "url": f"https://{ADDRESS}:{PORT}{path}",
                    "caBundle": base64.b64encode(authority_pem).decode(),
                },
                "rules": rules,
                "failurePolicy": "Fail",
                "sideEffects": "None",
                "timeoutSeconds": TIMEOUT_SECONDS,
                "namespaceSelector": {
                    "matchExpressions": [
                        {"key": "kubernetes.io/metadata.name", "operator": "In", "values": [NAMESPACE, ENDING]}
                    ]
                },
            }
        ],
    }
