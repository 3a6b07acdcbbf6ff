from __future__ import annotations

from typing import Any

import msgspec
import pytest

from lab.nodes.errors import UnsupportedError
from lab.nodes.images import command_of
from lab.nodes.pod import POD, PodSpec, first_container, read_spec
from webhook.api.decoding import decode

CONTAINER = {
    "name": "webhook",
    "image": "registry.example.com/team/snapgate:0.1.0@sha256:abc",
    "args": ["serve"],
    "ports": [{"name": "probes", "containerPort": 8081}],
    "readinessProbe": {"httpGet": {"path": "/readyz", "port": "probes", "scheme": "HTTP"}},
}


def spec_with(container: dict[str, Any] | None = None, **members: Any) -> PodSpec:
    spec = {"enableServiceLinks": False, "containers": [CONTAINER | (container or {})], **members}
    return read_spec(decode(POD, msgspec.json.encode({"metadata": {"name": "pod"}, "spec": spec})))


def test_what_the_chart_renders_is_understood() -> None:
    container = spec_with(restartPolicy="Always", securityContext={"runAsNonRoot": True}).container
    assert command_of(container)[1:] == ("serve",)
    assert container.port("probes") == 8081


@pytest.mark.parametrize(
    ("container", "spec", "named"),
    [
        ({}, {"hostNetwork": True}, "hostNetwork"),
        ({}, {"initContainers": []}, "initContainers"),
        ({}, {"enableServiceLinks": True}, "enableServiceLinks"),
        ({}, {"containers": [CONTAINER, CONTAINER]}, "one container"),
        ({}, {"topologySpreadConstraints": [{"whenUnsatisfiable": "DoNotSchedule"}]}, "topologySpreadConstraints"),
        (
            {},
            {"affinity": {"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": []}}},
            "spec.affinity",
        ),
        ({}, {"volumes": [{"name": "host", "hostPath": {"path": "/"}}]}, "hostPath"),
        ({"envFrom": []}, {}, "envFrom"),
        ({"lifecycle": {"preStop": {"sleep": {"seconds": 5}}}}, {}, "lifecycle"),
        ({"livenessProbe": {"exec": {"command": ["true"]}}}, {}, "exec"),
        ({"livenessProbe": {"httpGet": {"port": "https"}}}, {}, "https"),
        ({"args": ["$(POD_IP)"]}, {}, "VARIABLE"),
    ],
)
def test_anything_else_is_refused_by_its_name(container: dict[str, Any], spec: dict[str, Any], named: str) -> None:
    with pytest.raises(UnsupportedError, match=named):
        spec_with(container, **spec)


def test_a_refused_pod_still_says_what_its_container_is_called() -> None:
    spec = {"containers": [{"name": "main", "image": "busybox", "stdin": True}]}
    pod = decode(POD, msgspec.json.encode({"metadata": {"name": "pod"}, "spec": spec}))
    assert first_container(pod) == ("main", "busybox")


def test_there_is_no_other_image_than_ours() -> None:
    with pytest.raises(UnsupportedError, match="busybox"):
        command_of(spec_with({"image": "busybox"}).container)


def test_a_command_takes_the_place_of_the_image_s_own() -> None:
    assert command_of(spec_with({"command": ["sleep"], "args": ["1"]}).container) == ("sleep", "1")
