"""What a kubeconfig says besides where the API server is."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from kubernetes.aio.config import list_kube_config_contexts

from webhook.kube.connect import kubeconfig_paths, require_kubeconfig
from webhook.kube.errors import ConnectError

DEFAULT_NAMESPACE: Final = "default"
_OF_THE_POD: Final = Path("/var/run/secrets/kubernetes.io/serviceaccount/namespace")


def context_namespace(*, kubeconfig: Path | None = None, context: str | None = None) -> str:
    """The namespace that kubectl would take when it is given none. Raises ConnectError."""
    if kubeconfig is None and context is None and "KUBERNETES_SERVICE_HOST" in os.environ:
        return _OF_THE_POD.read_text().strip() if _OF_THE_POD.is_file() else DEFAULT_NAMESPACE
    paths = kubeconfig_paths(kubeconfig)
    require_kubeconfig(paths)
    try:
        contexts, active = list_kube_config_contexts(config_file=paths)  # type: ignore[no-untyped-call]  # no types
    except Exception as error:  # the package raises whatever its parsing trips over
        raise ConnectError(f"no context in {paths}: {error}") from error
    chosen = active if context is None else next((each for each in contexts if each["name"] == context), None)
    named = (chosen or {}).get("context") or {}
    return str(named.get("namespace") or DEFAULT_NAMESPACE)
