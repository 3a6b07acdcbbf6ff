"""Values that people install with."""

from __future__ import annotations

from typing import Any, Final

DIGEST: Final = f"sha256:{'0' * 64}"

INSTALLATIONS: Final[dict[str, dict[str, Any]]] = {
    "defaults": {},
    "guard": {"mode": "guard"},
    "cert-manager": {"certificates": {"mode": "certManager"}},
    "cert-manager with an issuer": {
        "certificates": {"mode": "certManager", "certManager": {"issuerRef": {"name": "ca", "kind": "ClusterIssuer"}}}
    },
    "existing Secret": {"certificates": {"mode": "existingSecret", "existingSecret": {"name": "webhook-tls"}}},
    "one replica": {"webhook": {"replicaCount": 1}, "reconciler": {"replicaCount": 1}},
    "everything": {
        "global": {
            "imageRegistry": "registry.example.com",
            "imagePullSecrets": [{"name": "pull"}],
            "priorityClassName": "system-cluster-critical",
            "commonLabels": {"team": "storage"},
        },
        "image": {"digest": DIGEST},
        "policy": {
            "profile": "gitops",
            "permissions": "enforce",
            "overrides": {"MachineNotFound": "deny"},
            "escapes": [{"codes": ["SnapshotInUse"], "groups": ["admins"]}],
        },
        "crds": {"keep": False},
        "webhook": {
            "replicaCount": 3,
            "namespaceMatchExpressions": [{"key": "snapgate", "operator": "NotIn", "values": ["off"]}],
            "nodeSelector": {"kubernetes.io/os": "linux"},
            "tolerations": [{"key": "node-role.kubernetes.io/control-plane", "operator": "Exists"}],
            "affinity": {"nodeAffinity": {}},
            "podAnnotations": {"a": "b"},
            "extraEnv": [{"name": "A", "value": "b"}],
            "topologySpreadConstraints": [
                {"topologyKey": "zone", "maxSkew": 1, "whenUnsatisfiable": "DoNotSchedule", "labelSelector": {}}
            ],
        },
        "reconciler": {"extraEnv": [{"name": "A", "value": "b"}]},
        "networkPolicy": {"egressPorts": [443, 6443]},
        "monitoring": {"serviceMonitor": {"enabled": True, "labels": {"release": "prometheus"}}},
        "extraObjects": [
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-extra"}},
            "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-text\n",
        ],
    },
}
