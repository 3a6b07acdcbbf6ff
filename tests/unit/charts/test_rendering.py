"""What is rendered from which values."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from tests.support.chart import container, environment, named, of_kind, rendered
from tests.support.installations import DIGEST, INSTALLATIONS
from tests.support.kubectl import Json
from webhook.api.kinds import KINDS
from webhook.app.policy_file import Given, policy_from
from webhook.app.settings import ProcessSettings, ReconcilerProcessSettings, WebhookSettings
from webhook.findings.policy import Installation

ALL = pytest.mark.parametrize("values", INSTALLATIONS.values(), ids=INSTALLATIONS.keys())


def pods(objects: list[Json]) -> dict[str, Json]:
    """The specs of all pods, those of hooks too."""
    specs = {name: each["spec"]["template"]["spec"] for name, each in of_kind(objects, "Deployment").items()}
    return specs | {name: each["spec"] for name, each in of_kind(objects, "Pod").items()}


def roles(objects: list[Json]) -> list[Json]:
    return [*of_kind(objects, "ClusterRole").values(), *of_kind(objects, "Role").values()]


def webhooks(objects: list[Json]) -> list[Json]:
    configurations = {
        **of_kind(objects, "ValidatingWebhookConfiguration"),
        **{f"mutating {name}": each for name, each in of_kind(objects, "MutatingWebhookConfiguration").items()},
    }
    return [webhook for each in configurations.values() for webhook in each["webhooks"]]


@ALL
def test_pods_meet_the_restricted_pod_security_standard(values: dict[str, Any]) -> None:
    for spec in pods(rendered(values)).values():
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["runAsUser"] >= 10000
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
        assert all({"configMap", "secret", "emptyDir"} & volume.keys() for volume in spec.get("volumes", ()))
        for each in spec["containers"]:
            assert each["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "capabilities": {"drop": ["ALL"]},
                "privileged": False,
                "readOnlyRootFilesystem": True,
            }


@ALL
def test_pods_say_what_they_need_and_set_no_service_links(values: dict[str, Any]) -> None:
    for spec in pods(rendered(values)).values():
        assert spec["enableServiceLinks"] is False
        for each in spec["containers"]:
            assert {"cpu", "memory"} <= each["resources"]["requests"].keys()
            assert "memory" in each["resources"]["limits"]


@ALL
def test_no_rule_has_a_wildcard(values: dict[str, Any]) -> None:
    for role in roles(rendered(values)):
        for rule in role["rules"]:
            assert "*" not in [*rule["apiGroups"], *rule["resources"], *rule["verbs"]]


@ALL
def test_nobody_may_write_configurations_or_secrets_but_our_own(values: dict[str, Any]) -> None:
    for rule in (rule for role in roles(rendered(values)) for rule in role["rules"]):
        if "admissionregistration.k8s.io" in rule["apiGroups"]:
            assert rule["resourceNames"] in (["snapgate"], ["virtualization-controller-admission-webhook"])
    webhook = named(rendered(values), "ClusterRole", "snapgate-webhook")
    assert all(
        {*rule["verbs"]} <= {"get", "list", "watch"} for rule in webhook["rules"] if "secrets" in rule["resources"]
    )


@ALL
def test_no_ca_bundle_is_rendered(values: dict[str, Any]) -> None:
    """An upgrade would overwrite what was injected."""
    assert all("caBundle" not in each["clientConfig"] for each in webhooks(rendered(values)))


@ALL
def test_our_own_namespace_is_never_asked_about(values: dict[str, Any]) -> None:
    for each in webhooks(rendered(values, namespace="elsewhere")):
        assert {
            "key": "kubernetes.io/metadata.name",
            "operator": "NotIn",
            "values": ["elsewhere"],
        } in each["namespaceSelector"]["matchExpressions"]


@ALL
def test_every_object_is_labelled_and_says_its_namespace(values: dict[str, Any]) -> None:
    cluster_wide = {
        "ClusterRole",
        "ClusterRoleBinding",
        "CustomResourceDefinition",
        "MutatingWebhookConfiguration",
        "ValidatingWebhookConfiguration",
    }
    for each in rendered(values):
        if each["metadata"]["name"] in {"snapgate-extra", "snapgate-text"}:
            continue
        assert each["metadata"]["labels"]["app.kubernetes.io/instance"] == "snapgate"
        assert ("namespace" in each["metadata"]) is (each["kind"] not in cluster_wide)


def test_full_mode_brings_the_crds_and_keeps_them() -> None:
    crds = of_kind(rendered(), "CustomResourceDefinition")
    assert set(crds) == {
        f"{kind.plural}.{kind.group}" for kind in KINDS if kind.definition and not kind.definition.platform
    }
    assert all(each["metadata"]["annotations"]["helm.sh/resource-policy"] == "keep" for each in crds.values())


def test_crds_can_be_left_out_or_let_go() -> None:
    assert of_kind(rendered({"crds": {"enabled": False}}), "CustomResourceDefinition") == {}
    crds = of_kind(rendered({"crds": {"keep": False}}), "CustomResourceDefinition")
    assert all("helm.sh/resource-policy" not in each["metadata"].get("annotations", {}) for each in crds.values())


def test_guard_mode_is_webhooks_only() -> None:
    objects = rendered({"mode": "guard"})
    assert of_kind(objects, "CustomResourceDefinition") == {}
    assert of_kind(objects, "MutatingWebhookConfiguration") == {}
    assert set(of_kind(objects, "Deployment")) == {"snapgate-webhook"}
    assert [name for each in objects if "reconciler" in (name := each["metadata"]["name"])] == []
    assert environment(objects, "webhook")["SNAPGATE_MODE"] == "guard"
    assert environment(objects, "webhook")["SNAPGATE_MUTATING"] == "false"


def test_in_guard_mode_the_platform_passes_whatever_it_does() -> None:
    platform = "system:serviceaccount:platform:controller"
    values = {"mode": "guard", "platform": {"controllers": [platform]}}
    for webhook in webhooks(rendered(values)):
        passing = [each for each in webhook["matchConditions"] if platform in each["expression"]]
        assert any("request.operation" not in each["expression"] for each in passing)


def test_the_reconciler_passes_under_the_name_that_it_has() -> None:
    objects = rendered(release="other", namespace="elsewhere")
    account = named(objects, "Deployment", "other-snapgate-reconciler")["spec"]["template"]["spec"][
        "serviceAccountName"
    ]
    expected = f"system:serviceaccount:elsewhere:{account}"
    validating = named(objects, "ValidatingWebhookConfiguration", "other-snapgate")
    assert all(
        any(expected in condition["expression"] for condition in each["matchConditions"])
        for each in validating["webhooks"]
    )


@pytest.mark.parametrize(
    ("values", "component", "settings"),
    [
        pytest.param(values, component, settings, id=f"{name}, {component}")
        for name, values in INSTALLATIONS.items()
        for component, settings in (("webhook", WebhookSettings), ("reconciler", ReconcilerProcessSettings))
        if (component, values.get("mode")) != ("reconciler", "guard")
    ],
)
def test_every_variable_is_a_setting_that_the_process_takes(
    values: dict[str, Any], component: str, settings: type[ProcessSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    given = {
        name: value for name, value in environment(rendered(values), component).items() if name.startswith("SNAPGATE_")
    }
    assert given.keys() <= {f"SNAPGATE_{name.upper()}" for name in settings.model_fields}
    for name, value in given.items():
        monkeypatch.setenv(name, value if isinstance(value, str) else "10.97.1.0")
    settings()


@ALL
def test_the_policy_that_is_rendered_is_one_that_the_process_takes(values: dict[str, Any]) -> None:
    text = named(rendered(values), "ConfigMap", "snapgate-policy")["data"]["policy.yaml"]
    installation = Installation(values.get("mode", "full"))
    profile = policy_from(text, "policy.yaml", Given(installation)).profile
    assert profile == values.get("policy", {}).get("profile", {"full": "strict", "guard": "guard"}[installation])


def test_a_pod_listens_on_its_own_address() -> None:
    assert environment(rendered(), "webhook")["SNAPGATE_HOST"] == {"fieldRef": {"fieldPath": "status.podIP"}}


def test_an_update_takes_no_replica_away_before_another_is_ready() -> None:
    for each in of_kind(rendered(), "Deployment").values():
        assert each["spec"]["replicas"] == 2
        assert each["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}


def test_a_single_replica_has_no_budget_that_would_hold_up_its_node() -> None:
    assert set(of_kind(rendered(), "PodDisruptionBudget")) == {"snapgate-webhook", "snapgate-reconciler"}
    assert of_kind(rendered(INSTALLATIONS["one replica"]), "PodDisruptionBudget") == {}


@pytest.mark.parametrize(
    ("values", "image"),
    [
        ({}, "snapgate/snapgate:0.1.0"),
        ({"image": {"registry": "a.example.com", "tag": "1"}}, "a.example.com/snapgate/snapgate:1"),
        (
            {"global": {"imageRegistry": "b.example.com"}, "image": {"registry": "a.example.com"}},
            "b.example.com/snapgate/snapgate:0.1.0",
        ),
        ({"image": {"digest": DIGEST}}, f"snapgate/snapgate:0.1.0@{DIGEST}"),
    ],
)
def test_the_image_is_named_as_people_name_images(values: dict[str, Any], image: str) -> None:
    objects = rendered(values)
    assert container(objects, "webhook")["image"] == image
    assert named(objects, "Pod", "snapgate-self-test")["spec"]["containers"][0]["image"] == image


def test_the_policy_file_says_only_what_was_given() -> None:
    def policy(values: dict[str, Any]) -> Any:
        return yaml.safe_load(named(rendered(values), "ConfigMap", "snapgate-policy")["data"]["policy.yaml"])

    assert policy({}) == {}
    given = INSTALLATIONS["everything"]["policy"]
    assert policy({"policy": given}) == given


def test_certificates_of_others_are_mounted_and_named_for_the_service() -> None:
    objects = rendered(INSTALLATIONS["cert-manager"])
    certificate = named(objects, "Certificate", "snapgate-webhook")["spec"]
    assert "snapgate-webhook.snapgate-system.svc" in certificate["dnsNames"]
    (volume,) = [each for each in pods(objects)["snapgate-webhook"]["volumes"] if each["name"] == "tls"]
    assert volume["secret"]["secretName"] == certificate["secretName"]
    annotations = named(objects, "ValidatingWebhookConfiguration", "snapgate")["metadata"]["annotations"]
    assert annotations == {"cert-manager.io/inject-ca-from": "snapgate-system/snapgate-webhook"}


@pytest.mark.parametrize("mode", ["cert-manager", "existing Secret"])
def test_whoever_does_not_manage_certificates_needs_no_right_to_secrets(mode: str) -> None:
    objects = rendered(INSTALLATIONS[mode])
    assert "snapgate-webhook" not in of_kind(objects, "Role")
    assert "snapgate-webhook-authority" not in of_kind(objects, "Secret")


@pytest.mark.parametrize(("values", "count"), [({}, 0), ({"monitoring": {"serviceMonitor": {"enabled": False}}}, 0)])
def test_no_service_monitor_without_its_crd(values: dict[str, Any], count: int) -> None:
    assert len(of_kind(rendered(values), "ServiceMonitor")) == count


def test_service_monitors_come_with_their_crd() -> None:
    objects = rendered({}, "--api-versions=monitoring.coreos.com/v1/ServiceMonitor")
    services = of_kind(objects, "Service")
    for name, monitor in of_kind(objects, "ServiceMonitor").items():
        wanted = monitor["spec"]["selector"]["matchLabels"]
        assert wanted.items() <= services[name]["metadata"]["labels"].items()
        ports = {each["name"] for each in services[name]["spec"]["ports"]}
        assert {each["port"] for each in monitor["spec"]["endpoints"]} <= ports


def test_extra_objects_are_templates() -> None:
    objects = rendered(INSTALLATIONS["everything"])
    assert {"snapgate-extra", "snapgate-text"} <= of_kind(objects, "ConfigMap").keys()


def test_authority_of_cert_managers_certificate_outlives_its_renewals() -> None:
    """A self-signed leaf is trusted under its own certificate only, and pods get a renewed one after its callers."""
    objects = rendered({"certificates": {"mode": "certManager"}})
    certificates, issuers = of_kind(objects, "Certificate"), of_kind(objects, "Issuer")
    leaf, authority = certificates["snapgate-webhook"], certificates["snapgate-webhook-ca"]
    assert authority["spec"]["isCA"] is True
    assert authority["spec"]["privateKey"]["rotationPolicy"] == "Never"
    issuer = issuers[leaf["spec"]["issuerRef"]["name"]]
    assert issuer["spec"] == {"ca": {"secretName": authority["spec"]["secretName"]}}


def test_the_test_runs_where_the_webhook_may() -> None:
    wanted = {
        "nodeSelector": {"kubernetes.io/os": "linux"},
        "tolerations": [{"key": "dedicated", "operator": "Exists"}],
    }
    specs = pods(rendered({"webhook": wanted, "global": {"priorityClassName": "high"}}))
    for name in ("snapgate-webhook", "snapgate-self-test"):
        assert specs[name].items() >= {**wanted, "priorityClassName": "high"}.items()


def test_the_test_asks_in_a_namespace_that_the_webhook_looks_at() -> None:
    objects = rendered(namespace="default")
    arguments = of_kind(objects, "Pod")["snapgate-self-test"]["spec"]["containers"][0]["args"]
    assert arguments == ["self-test", "--namespace", "kube-public"]
