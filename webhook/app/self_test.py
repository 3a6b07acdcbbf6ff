"""Whether admission works, asked as a user would ask: by a dry run of what cannot be right."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import msgspec

from webhook.api.virtual_machine_operation import VIRTUAL_MACHINE_OPERATION
from webhook.findings.clone import REPLACEMENT_KIND_UNKNOWN
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.errors import ApiError, UnreachableError

_NAME: Final = "snapgate-self-test"
MARK: Final = f"[{REPLACEMENT_KIND_UNKNOWN.name}]"


class NotAnsweredError(Exception):
    """The request was not judged by Snapgate. The message says what to look at."""


def bad_operation() -> dict[str, Any]:
    """What no profile lets pass, and no CRD refuses before a webhook is asked, the platform's own included."""
    rule = {"from": {"kind": "SelfTest", "name": _NAME}, "to": _NAME}
    spec = {
        "type": "Clone",
        "virtualMachineName": _NAME,
        "clone": {"mode": "Strict", "nameReplacement": [rule]},
    }
    kind = VIRTUAL_MACHINE_OPERATION
    return {"apiVersion": kind.api_version, "kind": kind.name, "metadata": {"name": _NAME}, "spec": spec}


async def self_test(*, namespace: str, kubeconfig: Path | None = None) -> str:
    """What Snapgate said. Nothing is written. Raises NotAnsweredError."""
    client = await connect(kubeconfig=kubeconfig)
    try:
        return await ask(client, namespace)
    finally:
        await client.close()


async def ask(client: Client, namespace: str) -> str:
    """Raises NotAnsweredError."""
    try:
        path = VIRTUAL_MACHINE_OPERATION.path(namespace)
        await client.request("POST", path, body=msgspec.json.encode(bad_operation()), params={"dryRun": "All"})
    except ApiError as error:
        if MARK in error.message:
            return error.message
        raise NotAnsweredError(f"the API server refused, but not with {MARK}: {error}") from error
    except UnreachableError as error:
        raise NotAnsweredError(str(error)) from error
    raise NotAnsweredError(
        f"the API server accepted it without asking Snapgate: does a namespaceSelector leave out {namespace}, "
        f"is failurePolicy Ignore and nobody there, or does the policy let {REPLACEMENT_KIND_UNKNOWN.name} wait?"
    )
