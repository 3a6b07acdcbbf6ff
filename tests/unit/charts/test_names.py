"""Names and labels of objects, whatever people call their releases, namespaces and teams."""

from __future__ import annotations

from typing import Any

import pytest

from tests.support.chart import named, of_kind, rendered, template
from tests.support.installations import INSTALLATIONS
from tests.support.kubectl import Json

MONITORED = {"monitoring": {kind: {"enabled": True} for kind in ("serviceMonitor", "prometheusRule", "dashboard")}}
SELECTING = ("app.kubernetes.io/name", "app.kubernetes.io/instance", "app.kubernetes.io/component")
HELMS = ("helm.sh/chart", "app.kubernetes.io/managed-by")


def installation_called(name: str, namespace: str, values: dict[str, Any]) -> list[Json]:
    ours = {
        **MONITORED,
        **values,
        "fullnameOverride": name,
        "nameOverride": name,
        "image": {"tag": namespace},
        "test": {"namespace": name},
    }
    return rendered(
        {**ours, "global": {"commonLabels": {"team": namespace}, "priorityClassName": name}},
        release=name,
        namespace=namespace,
    )


def types(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: types(member) for key, member in value.items()}
    return [types(each) for each in value] if isinstance(value, list) else type(value)


@pytest.mark.parametrize(("name", "namespace"), [("on", "123"), ("null", "0x1f"), ("true", "no")])
@pytest.mark.parametrize("installation", ["defaults", "guard", "cert-manager", "existing Secret"])
def test_no_name_is_read_as_a_number_or_a_truth_value(name: str, namespace: str, installation: str) -> None:
    values = INSTALLATIONS[installation]
    assert types(installation_called(name, namespace, values)) == types(installation_called("a", "b", values))


@pytest.mark.parametrize("release", ["123", "9-lives", "my.release"])
def test_a_release_after_which_no_service_can_be_called_is_refused(release: str) -> None:
    done = template(release=release)
    assert f"objects would be named {release}-snapgate-…" in done.stderr
    assert f"choose another name for the release than {release}, or --set fullnameOverride=snapgate" in done.stderr
    assert template({"fullnameOverride": "snapgate"}, release=release).returncode == 0


def test_common_labels_are_on_everything_and_take_nothing_from_the_selectors_or_from_helm() -> None:
    wanted = dict.fromkeys((*SELECTING, *HELMS, "app.kubernetes.io/part-of", "team"), "storage")
    objects = rendered({**MONITORED, "global": {"commonLabels": wanted}})
    for theirs, ours in zip(objects, rendered(MONITORED), strict=True):
        labels = theirs["metadata"]["labels"]
        assert {labels["team"], labels["app.kubernetes.io/part-of"]} == {"storage"}
        kept = {**labels, "app.kubernetes.io/part-of": "snapgate"}
        assert kept.items() >= ours["metadata"]["labels"].items()
    for kind, path in (("Deployment", ("selector", "matchLabels")), ("Service", ("selector",))):
        for name, each in of_kind(objects, kind).items():
            selector: Json = each["spec"]
            for key in path:
                selector = selector[key]
            template_of = named(objects, "Deployment", name)["spec"]["template"]
            assert selector.items() <= template_of["metadata"]["labels"].items()


@pytest.mark.parametrize(
    ("monitor", "kind", "name"),
    [
        ("serviceMonitor", "ServiceMonitor", "snapgate-webhook"),
        ("prometheusRule", "PrometheusRule", "snapgate"),
        ("dashboard", "ConfigMap", "snapgate-dashboard"),
    ],
)
def test_a_label_of_one_object_goes_before_a_common_one(monitor: str, kind: str, name: str) -> None:
    values = {
        "global": {"commonLabels": {"release": "all"}},
        "monitoring": {monitor: {"enabled": True, "labels": {"release": "prometheus"}}},
    }
    assert named(rendered(values), kind, name)["metadata"]["labels"]["release"] == "prometheus"
