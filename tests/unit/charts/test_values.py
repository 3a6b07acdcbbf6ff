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
    "an escape without codes": ({"policy": {"escapes": [{"users": ["root"]}]}}, "/policy/escapes/0"),
    "a lease that is too short": ({"reconciler": {"leaseSeconds": 1}}, "/reconciler/leaseSeconds"),
    "a controller that is no account": ({"platform": {"controllers": ["admin"]}}, "/platform/controllers/0"),
    "a name that no object can have": ({"fullnameOverride": "Snapgate"}, "/fullnameOverride"),
    "gitops without a reconciler": (
        {"mode": "guard", "policy": {"profile": "gitops"}},
        "policy.profile: gitops makes requests wait for a reconciler",
    ),
    "a Secret without a name": (
        {"certificates": {"mode": "existingSecret"}},
        "certificates.existingSecret.name: name the Secret",
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
