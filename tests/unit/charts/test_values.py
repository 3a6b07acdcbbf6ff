"""What helm refuses before anything is changed."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from charts.generate import CHART
from tests.support.chart import helm, template
from tests.support.installations import INSTALLATIONS
from webhook.findings.code import Profile

WRONG: dict[str, tuple[dict[str, Any], str]] = {
    "a key that is misspelled": ({"webhook": {"replicas": 3}}, "'replicas' not allowed"),
    "an unknown mode": ({"mode": "half"}, "/mode"),
    "no webhook at all": ({"webhook": {"replicaCount": 0}}, "/webhook/replicaCount"),
    "a number as a text": ({"webhook": {"timeoutSeconds": "5"}}, "/webhook/timeoutSeconds"),
    "a timeout that the API does not take": ({"webhook": {"timeoutSeconds": 31}}, "/webhook/timeoutSeconds"),
    "an unknown failure policy": ({"webhook": {"failurePolicy": "Open"}}, "/webhook/failurePolicy"),
    "a port that needs privilege": ({"webhook": {"port": 443}}, "/webhook/port"),
    "a digest that is none": ({"image": {"digest": "latest"}}, "/image/digest"),
    "a registry with a slash at its end": ({"image": {"registry": "registry.example.com/"}}, "/image/registry"),
    "an unknown certificate mode": ({"certificates": {"mode": "manual"}}, "/certificates/mode"),
    "a code that cannot be one": ({"policy": {"overrides": {"machine-not-found": "deny"}}}, "machine-not-found"),
    "an unknown action": ({"policy": {"overrides": {"MachineNotFound": "ignore"}}}, "MachineNotFound"),
    "a code that there is not": (
        {"policy": {"overrides": {"Typo": "deny"}}},
        "at '/policy/overrides': additional properties 'Typo' not allowed",
    ),
    "an action that its code cannot have": (
        {"policy": {"overrides": {"MachineNotFound": "warn"}}},
        "at '/policy/overrides/MachineNotFound': value must be one of 'deny', 'wait'",
    ),
    "an escape from what nobody escapes": (
        {"policy": {"escapes": [{"codes": ["SnapshotContentTampered"], "users": ["root"]}]}},
        "/policy/escapes/0/codes/0",
    ),
    "an escape for nobody": ({"policy": {"escapes": [{"codes": ["SnapshotInUse"]}]}}, "missing property 'groups'"),
    "permissions that are said twice": (
        {"policy": {"permissions": "warn", "overrides": {"PermissionMissing": "deny"}}},
        "policy.permissions: warn contradicts policy.overrides.PermissionMissing",
    ),
    "an alert that there is not": (
        {"monitoring": {"prometheusRule": {"disabled": ["SnapgateTypo"]}}},
        "/monitoring/prometheusRule/disabled/0",
    ),
    "an escape without codes": ({"policy": {"escapes": [{"users": ["root"]}]}}, "/policy/escapes/0"),
    "a lease that is too short": ({"reconciler": {"leaseSeconds": 1}}, "/reconciler/leaseSeconds"),
    "a controller that is no account": ({"platform": {"controllers": ["admin"]}}, "/platform/controllers/0"),
    "a name that no object can have": ({"fullnameOverride": "Snapgate"}, "/fullnameOverride"),
    "a name that no Service can have": ({"fullnameOverride": "1-snapgate"}, "/fullnameOverride"),
    "a name that is longer than what is added to it allows": ({"fullnameOverride": "a" * 41}, "/fullnameOverride"),
    "a name that no label can have": ({"nameOverride": "snap_gate"}, "/nameOverride"),
    "a pull secret that cannot be one": (
        {"global": {"imagePullSecrets": [{"name": "Pull"}]}},
        "imagePullSecrets/0/name",
    ),
    "a Secret that cannot be one": ({"certificates": {"existingSecret": {"name": "tls_"}}}, "/existingSecret/name"),
    "a priority class that cannot be one": ({"global": {"priorityClassName": "High"}}, "/global/priorityClassName"),
    "a namespace that cannot be one": ({"test": {"namespace": "a.b"}}, "/test/namespace"),
    "a label value with a space": ({"global": {"commonLabels": {"team": "our team"}}}, "/global/commonLabels/team"),
    "a label value that is a number": ({"global": {"commonLabels": {"team": 7}}}, "got number, want string"),
    "a label without a name": (
        {"monitoring": {"dashboard": {"labels": {"a/": "b"}}}},
        "/monitoring/dashboard/labels': add",
    ),
    "a tag that is read as a number": ({"image": {"tag": 1.1}}, "'/image/tag': got number, want string"),
    "a tag that cannot be one": ({"image": {"tag": "1:2"}}, "/image/tag"),
    "a tag in the repository": ({"image": {"repository": "snapgate/snapgate:1"}}, "/image/repository"),
    "a validation port that needs privilege": ({"webhook": {"validationPort": 443}}, "/webhook/validationPort"),
    "an issuer without a name": (
        {"certificates": {"mode": "certManager", "certManager": {"issuerRef": {"kind": "ClusterIssuer"}}}},
        "'/certificates/certManager/issuerRef': missing property 'name'",
    ),
    "a condition on namespaces without an operator": (
        {"webhook": {"namespaceMatchExpressions": [{"key": "team"}]}},
        "missing property 'operator'",
    ),
    "reviews and probes on one port": (
        {"webhook": {"port": 8081}},
        "webhook.port and webhook.probePort are both 8081",
    ),
    "reviews and validation on one port": (
        {"webhook": {"port": 8443}},
        "webhook.port and webhook.validationPort are both 8443",
    ),
    "probes and validation on one port": (
        {"webhook": {"probePort": 9443, "validationPort": 9443}},
        "webhook.probePort and webhook.validationPort are both 9443",
    ),
    "guard mode that would judge the platform's controllers": (
        {"mode": "guard", "platform": {"controllers": []}},
        "platform.controllers: in guard mode, name the accounts",
    ),
    "controllers that are null": (
        {"mode": "guard", "platform": {"controllers": None}},
        "at '/platform': missing property 'controllers'",
    ),
    "gitops without a reconciler": (
        {"mode": "guard", "policy": {"profile": "gitops"}},
        "policy.profile: gitops makes requests wait for a reconciler",
    ),
    "a Secret without a name": (
        {"certificates": {"mode": "existingSecret"}},
        "certificates.existingSecret.name: name the Secret",
    ),
    "a Secret that nobody would use": (
        {"certificates": {"existingSecret": {"name": "webhook-tls"}}},
        "certificates.existingSecret.name: certificates.mode selfManaged uses no Secret of yours",
    ),
    "an issuer that nobody would ask": (
        {"certificates": {"certManager": {"issuerRef": {"name": "ca"}}}},
        "certificates.certManager.issuerRef: certificates.mode selfManaged asks no issuer",
    ),
    "a variable that the chart sets": (
        {"webhook": {"extraEnv": [{"name": "SNAPGATE_MAX_IN_FLIGHT", "value": "8"}]}},
        "webhook.extraEnv: SNAPGATE_MAX_IN_FLIGHT is there already",
    ),
    "a variable that is given twice": (
        {"reconciler": {"extraEnv": [{"name": "A", "value": "b"}, {"name": "A", "value": "c"}]}},
        "reconciler.extraEnv: A is there already",
    ),
    "a grace period that is over before the drain": (
        {"webhook": {"terminationGracePeriodSeconds": 20}},
        "webhook.terminationGracePeriodSeconds: must be",
    ),
    "a grace period that is over before the lease": (
        {"reconciler": {"terminationGracePeriodSeconds": 15}},
        "reconciler.terminationGracePeriodSeconds: must be",
    ),
}


@pytest.mark.parametrize(("values", "complaint"), WRONG.values(), ids=WRONG.keys())
def test_wrong_values_are_refused_by_name(values: dict[str, Any], complaint: str) -> None:
    done = template(values)
    assert done.returncode != 0
    assert complaint in done.stderr


def test_full_mode_needs_no_controllers_of_the_platform() -> None:
    assert template({"platform": {"controllers": []}}).returncode == 0


@pytest.mark.parametrize("values", INSTALLATIONS.values(), ids=INSTALLATIONS.keys())
def test_helm_finds_nothing_to_complain_about(values: dict[str, Any]) -> None:
    done = helm("lint", "--strict", "--kube-version=1.30.0", "--values=-", str(CHART), given=yaml.safe_dump(values))
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_older_kubernetes_is_refused() -> None:
    done = helm("template", "snapgate", str(CHART), "--kube-version=1.29.9")
    assert "incompatible with Kubernetes v1.29.9" in done.stderr


@pytest.mark.parametrize("profile", Profile)
def test_every_profile_of_the_product_can_be_chosen(profile: Profile) -> None:
    assert template({"policy": {"profile": profile.value}}).returncode == 0
