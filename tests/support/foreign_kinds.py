"""Kinds of others, as far as a cluster without them must be told."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from tests.support.kubectl import Kubectl
from tests.support.manifests import Json
from tests.support.waiting import until
from webhook.api.kind import Kind


def definition(kind: Kind[Any]) -> Json:
    """A CustomResourceDefinition that takes anything."""
    anything = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": kind.resource},
        "spec": {
            "group": kind.group,
            "names": {"kind": kind.name, "plural": kind.plural, "singular": kind.name.lower()},
            "scope": "Namespaced" if kind.namespaced else "Cluster",
            "versions": [
                {"name": kind.version, "served": True, "storage": True, "schema": {"openAPIV3Schema": anything}}
            ],
        },
    }


def install(kubectl: Kubectl, *kinds: Kind[Any]) -> None:
    """Returns when they are served, and when clients can find that out: discovery is told of them later."""
    kubectl.must_apply(*map(definition, kinds))
    kubectl.must("wait", "--for=condition=Established", "--timeout=60s", *_names(kinds))
    wanted = {kind.resource for kind in kinds}
    asked = ("api-resources", "--cached=false", "-o", "name")
    until(lambda: wanted <= set(kubectl.run(*asked).output.split()), f"{wanted} are not discovered", seconds=60)


@contextmanager
def served(kubectl: Kubectl, *kinds: Kind[Any]) -> Iterator[None]:
    install(kubectl, *kinds)
    try:
        yield
    finally:
        kubectl.must("delete", *_names(kinds))


def _names(kinds: tuple[Kind[Any], ...]) -> list[str]:
    return [f"crd/{kind.resource}" for kind in kinds]
