"""A lab for the matrix: real API server, real storage, machines; Snapgate's reconciler is in this process instead."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from lab.paths import lab_paths
from lab.storage.layout import storage_directory
from tests.support.chart import rendered
from tests.support.faults import Fault
from tests.support.kubectl import Json
from tests.support.lab import running_lab
from tests.support.matrix.operations import OPERATIONS
from tests.support.matrix.reconciling import reconciling
from tests.support.matrix.runs import Matrix, Result, Run
from tests.support.matrix.scene import REFUSING
from webhook.api.vocabulary import RESTORED_BY
from webhook.kube.connect import connect

_ACCOUNT: Final = "system:serviceaccount:snapgate-system:snapgate-reconciler"
_REFUSAL: Final = "snapgate-matrix-refuses"
AT_ONCE: Final = 8
"""Runs at a time. On two cores more only wait for each other, and then for their deadlines."""


@asynccontextmanager
async def matrix(name: str) -> AsyncIterator[Matrix]:
    with running_lab(name, snapgate=False) as lab:
        kubectl = lab.kubectl("default")
        kubectl.must_apply(*_rights(), *_refusal())
        paths = lab_paths(name)
        admin = await connect(kubeconfig=paths.kubeconfig)
        try:
            async with reconciling(_kubeconfig_of_the_reconciler(name, paths.state)) as running:
                yield Matrix(admin, running, storage_directory(paths.state))
        finally:
            await admin.close()


async def enumerated(found: Matrix) -> list[Result]:
    """One run of each operation without a fault, for the writes that there are."""
    return await found.all([Run(operation, None) for operation in OPERATIONS], at_once=AT_ONCE)


def strikes(undisturbed: Iterable[Result], faults: Iterable[Fault], *, each: bool) -> list[Run]:
    """Every write with every fault, or (not `each`) with one of them in turn."""
    chosen = tuple(faults)
    return [
        Run(result.run.operation, (number, fault))
        for result in undisturbed
        for number in range(len(result.writes))
        for fault in (chosen if each else (chosen[number % len(chosen)],))
    ]


def _rights() -> list[Json]:
    """What the chart grants the reconciler, and nothing else of the chart."""
    of_the_cluster = [each for each in rendered() if each["kind"] in {"ClusterRole", "ClusterRoleBinding"}]
    return [each for each in of_the_cluster if each["metadata"]["name"] == "snapgate-reconciler"]


def _kubeconfig_of_the_reconciler(name: str, directory: Path) -> Path:
    file = directory / "matrix-reconciler.yaml"
    groups = ("--group", "system:serviceaccounts", "--group", "system:serviceaccounts:snapgate-system")
    command = (sys.executable, "-m", "lab", "--name", name, "kubeconfig", "--user", _ACCOUNT, *groups)
    subprocess.run([*command, "--output", str(file)], check=True, timeout=60)
    return file


def _refusal() -> tuple[Json, Json]:
    """Of the saved settings of a machine, when they are written and not when they are tried."""
    made, was = (
        f"(has({each}.metadata.annotations) && '{RESTORED_BY}' in {each}.metadata.annotations)"
        for each in ("object", "oldObject")
    )
    rule = {"apiGroups": ["virtualization.deckhouse.io"], "apiVersions": ["*"], "resources": ["virtualmachines"]}
    policy = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicy",
        "metadata": {"name": _REFUSAL},
        "spec": {
            "matchConstraints": {"resourceRules": [rule | {"operations": ["UPDATE"]}]},
            "validations": [
                {
                    "expression": f"request.dryRun || !{made} || {was}",
                    "message": "not in this namespace",
                }
            ],
        },
    }
    binding = {
        "apiVersion": "admissionregistration.k8s.io/v1",
        "kind": "ValidatingAdmissionPolicyBinding",
        "metadata": {"name": _REFUSAL},
        "spec": {
            "policyName": _REFUSAL,
            "validationActions": ["Deny"],
            "matchResources": {"namespaceSelector": {"matchLabels": {REFUSING: "true"}}},
        },
    }
    return policy, binding
