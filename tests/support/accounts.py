"""People with limited rights, and how they prove who they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from tests.support.kubectl import Kubectl
from tests.support.waiting import until


def account(kubectl: Kubectl, name: str, **rules: str) -> None:
    """A ServiceAccount with a Role: resources by verbs, `get_list="vm,vd"`."""
    kubectl.must("create", "serviceaccount", name)
    for number, (verbs, resources) in enumerate(rules.items()):
        role = f"{name}-{number}"
        kubectl.must("create", "role", role, f"--verb={verbs.replace('_', ',')}", f"--resource={resources}")
        kubectl.must("create", "rolebinding", role, f"--role={role}", f"--serviceaccount={kubectl.namespace}:{name}")
        user = f"system:serviceaccount:{kubectl.namespace}:{name}"
        until_allowed(kubectl, user, verbs.partition("_")[0], resources.partition(",")[0])


def until_allowed(kubectl: Kubectl, user: str, verb: str, resource: str) -> None:
    """The API server's authorizer reads roles by a watch, some time after they were written."""
    asked = ("auth", "can-i", verb, resource, f"--as={user}", "--quiet")
    until(lambda: kubectl.run(*asked).ok, f"{user} may not {verb} {resource}", seconds=60, every=0.2)


def token(kubectl: Kubectl, name: str, *, audience: str | None = None) -> str:
    flags = [f"--audience={audience}"] if audience else []
    return kubectl.must("create", "token", name, *flags).strip()


def kubeconfig_of(kubectl: Kubectl, name: str, path: Path) -> Path:
    """As the account, in the namespace of the test."""
    config: dict[str, Any] = yaml.safe_load(kubectl.kubeconfig.read_text())
    context = config["contexts"][0]["context"]
    context |= {"user": name, "namespace": kubectl.namespace}
    config |= {"users": [{"name": name, "user": {"token": token(kubectl, name)}}]}
    path.write_text(yaml.safe_dump(config))
    return path
