"""Install, upgrade, roll back and uninstall by helm, in a lab of its own: other tests need theirs to stay as it is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from textwrap import dedent
from typing import Final

import pytest

from lab.paths import CHECKOUT
from lab.snapgate.installation import CHART, NAMESPACE, RELEASE
from tests.e2e.conftest import LAB
from tests.support.kubectl import Kubectl
from tests.support.lab import RunningLab, running_lab
from tests.support.machines import disk_snapshot, machine_snapshot
from tests.support.platform import CONFIGURATION
from tests.support.release import Release
from tests.support.waiting import until

SNAPSHOTS: Final = "virtualmachinesnapshots.virtualization.deckhouse.io"
PASSING: Final = frozenset({"events", "events.events.k8s.io", "endpointslices.discovery.k8s.io"})
"""Come and go by themselves."""


@pytest.fixture(scope="module")
def own_lab() -> Iterator[RunningLab]:
    with running_lab(f"{LAB}-chart") as running:
        yield running


@pytest.fixture
def release(own_lab: RunningLab) -> Release:
    return own_lab.release()


@pytest.fixture
def admin(own_lab: RunningLab) -> Kubectl:
    return own_lab.kubectl("default")


def everything(kubectl: Kubectl) -> set[str]:
    kinds = set(kubectl.must("api-resources", "--verbs=list", "-o", "name").split()) - PASSING
    template = "jsonpath={range .items[*]}{.kind} {.metadata.namespace}/{.metadata.name}{'\\n'}{end}"
    return set(kubectl.must("get", ",".join(sorted(kinds)), "--all-namespaces", "-o", template).splitlines())


def without_namespace(kubectl: Kubectl) -> set[str]:
    """All there is once the release's namespace is gone as well."""
    kubectl.must("delete", "namespace", NAMESPACE, "--timeout=100s")
    return everything(kubectl)


def bundles(kubectl: Kubectl) -> list[str]:
    return [
        webhook["clientConfig"]["caBundle"]
        for kind in ("validatingwebhookconfiguration", "mutatingwebhookconfiguration")
        for webhook in kubectl.get(kind, RELEASE)["webhooks"]
    ]


def test_helm_test_sees_a_bad_object_denied(release: Release, admin: Kubectl) -> None:
    assert "Phase:          Succeeded" in release.must("test", RELEASE)
    assert admin.names("vmop") == []


def test_the_command_of_the_notes_proves_that_it_works(release: Release, admin: Kubectl) -> None:
    notes = release.status()["info"]["notes"]
    manifest = notes.partition("-f - <<'EOF'\n")[2].partition("\n  EOF")[0]
    created = admin.run("create", "--dry-run=server", "--namespace=default", "-f", "-", given=dedent(manifest))
    assert "[ReplacementKindUnknown]" in created.said


def test_upgrade_and_rollback_leave_certificates_and_snapshots_alone(release: Release, admin: Kubectl) -> None:
    """And the new pods are let in where nothing but the restricted pod security standard is."""
    admin.must_apply(disk_snapshot("waiting", "no-such-disk"))
    system = Kubectl(admin.binary, admin.kubeconfig, NAMESPACE)
    admin.must("label", "namespace", NAMESPACE, "pod-security.kubernetes.io/enforce=restricted")
    trusted, authority = bundles(admin), system.get("secret", "snapgate-webhook-authority")["data"]

    release.upgrade("webhook.logLevel=debug", "policy.overrides.MachineNotFound=deny")
    system.must("rollout", "status", "deployment/snapgate-webhook", "--timeout=100s")
    assert "[MachineNotFound]" in admin.apply(machine_snapshot("refused", "no-such-machine")).said
    release.rollback()

    assert bundles(admin) == trusted
    assert system.get("secret", "snapgate-webhook-authority")["data"] == authority
    assert admin.get("vds", "waiting")["spec"]["virtualDiskName"] == "no-such-disk"
    admin.must("delete", "vds", "waiting")


def test_without_a_webhook_requests_are_refused_by_its_name_and_shapes_are_still_guarded(admin: Kubectl) -> None:
    system = Kubectl(admin.binary, admin.kubeconfig, NAMESPACE)
    system.must("scale", "deployment/snapgate-webhook", "--replicas=0")
    system.must("wait", "pod", "--selector=app.kubernetes.io/component=webhook", "--for=delete", "--timeout=90s")

    refused = admin.apply(disk_snapshot("refused", "root"))
    assert 'failed calling webhook "validate.snapgate.io"' in refused.said
    shapeless = disk_snapshot("shapeless", "root")
    shapeless["spec"] = {}
    assert "spec.virtualDiskName: Required value" in admin.apply(shapeless).said


def test_uninstalling_with_the_webhook_down_leaves_the_crds_and_nothing_that_refuses(
    release: Release, admin: Kubectl
) -> None:
    release.uninstall()

    def left() -> set[str]:
        return {each.split()[0] for each in everything(admin) if RELEASE in each}

    # Helm returns when the Deployments are gone; their pods are collected later, and take time to end.
    until(lambda: not left() & {"ReplicaSet", "Pod"}, lambda: f"{left()} are left", seconds=90)
    assert left() == {"Namespace", "ConfigMap", "ServiceAccount"}
    admin.must_apply(disk_snapshot("unjudged", "root"))
    admin.must("delete", "vds", "unjudged", "--timeout=60s")


def test_a_second_life_leaves_the_cluster_as_it_was(release: Release, admin: Kubectl) -> None:
    before = without_namespace(admin)

    release.install()
    release.upgrade("reconciler.replicaCount=1", "webhook.podDisruptionBudget.enabled=false")
    release.rollback()
    release.must("test", RELEASE)
    release.uninstall()

    assert without_namespace(admin) == before


def test_full_mode_refuses_to_be_installed_beside_the_platforms_controllers(release: Release, admin: Kubectl) -> None:
    admin.must_apply(CONFIGURATION)

    refused = release.run("install", RELEASE, str(CHART), "--create-namespace")
    assert "use --set mode=guard" in refused.said
    assert json.loads(release.must("list", "--all", "--output=json")) == []


def test_an_operator_may_vouch_that_the_platforms_controllers_are_stopped(release: Release, admin: Kubectl) -> None:
    # As its CRDs are: nobody's whom Helm knows.
    admin.must("annotate", "crd", SNAPSHOTS, "meta.helm.sh/release-name-")
    refused = release.run("install", RELEASE, str(CHART), "--create-namespace", "--set=platformControllersStopped=true")
    assert "invalid ownership metadata" in refused.said

    release.install("platformControllersStopped=true", take_ownership=True)
    assert release.status()["info"]["status"] == "deployed"
    system = Kubectl(admin.binary, admin.kubeconfig, NAMESPACE)
    system.must("rollout", "status", "deployment/snapgate-reconciler", "--timeout=100s")
    release.uninstall()


@pytest.mark.parametrize("mode", ["full", "guard"])
def test_documented_commands_work_as_they_are_written(own_lab: RunningLab, admin: Kubectl, mode: str) -> None:
    """Install, upgrade, uninstall, and the way out for objects that nobody takes finalizers from any more."""
    admin.must("delete", "validatingwebhookconfiguration", CONFIGURATION["metadata"]["name"], "--ignore-not-found")
    install, test = documented("Install")
    flag = " --set mode=guard" if mode == "guard" else ""
    commands = [install + flag, test, *documented("Upgrade")]
    uninstall, delete_namespace, show, way_out = documented("Uninstall")
    own_lab.shell(*commands)
    held = disk_snapshot("held", "no-such-disk")
    held["metadata"]["finalizers"] = ["example.com/nobody"]
    admin.apply(held)

    own_lab.shell(uninstall, delete_namespace)
    kept = own_lab.shell(show).splitlines()
    assert len(kept) == 4
    admin.must_apply(held)
    admin.must("delete", "vds", "held", "--wait=false")
    own_lab.shell(way_out.replace("NAMESPACE", admin.namespace))
    assert admin.names("vds") == []


def documented(section: str) -> list[str]:
    """Commands of the section, in its order."""
    text = (CHECKOUT / "docs" / "operations.md").read_text().partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    lines = [line.strip() for line in text.replace("|\n", "| ").splitlines() if line.startswith("    ")]
    return [line for line in lines if line.startswith(("helm ", "kubectl "))]
