from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

import lab.storage
from lab.context import Lab
from lab.credentials import create_credentials
from lab.paths import LabPaths
from lab.process import Component
from lab.storage.behaviour import behaviour_of
from lab.storage.components import storage_components
from lab.storage.readiness import sidecar_is_ready

MANIFESTS = Path(lab.storage.__file__).parent / "manifests"


@pytest.fixture
def components(tmp_path: Path) -> dict[str, Component]:
    paths = LabPaths(state=tmp_path, runtime=tmp_path / "run")
    create_credentials(paths.pki, datetime.now(UTC))
    paths.kubeconfigs.mkdir()
    return {component.name: component for component in storage_components(Lab("test", paths))}


def test_sidecars_wait_for_the_driver_and_the_api_server(components: dict[str, Component]) -> None:
    assert (
        components["csi-provisioner"].after == components["csi-snapshotter"].after == ("kube-apiserver", "csi-driver")
    )


def test_every_component_says_when_it_is_ready(components: dict[str, Component]) -> None:
    assert all(component.ready for component in components.values())


def test_diagnostic_addresses_differ(components: dict[str, Component]) -> None:
    addresses = [flag for component in components.values() for flag in component.command if "--http-endpoint" in flag]
    assert len(set(addresses)) == len(addresses) == 4


def test_every_controller_is_its_own_user_with_a_role(components: dict[str, Component]) -> None:
    subjects = {
        subject["name"]
        for document in manifests()
        if document["kind"] == "ClusterRoleBinding"
        for subject in document["subjects"]
    }
    assert subjects == {f"lab:{name}" for name in components if name != "csi-driver"}


def test_no_role_is_a_wildcard_or_reads_secrets() -> None:
    rules = [rule for document in manifests() if document["kind"] == "ClusterRole" for rule in document["rules"]]
    granted = {word for rule in rules for key in ("apiGroups", "resources", "verbs") for word in rule[key]}
    assert not granted & {"*", "secrets"}


def test_all_classes_name_the_driver() -> None:
    classes = [document for document in manifests() if document["kind"].endswith("Class")]
    assert {each.get("provisioner") or each.get("driver") for each in classes} == {lab.storage.DRIVER_NAME}


def test_one_class_of_each_kind_is_the_default() -> None:
    defaults = [
        document["kind"]
        for document in manifests()
        if any(key.endswith("is-default-class") for key in document["metadata"].get("annotations", {}))
    ]
    assert sorted(defaults) == ["StorageClass", "VolumeSnapshotClass"]


def test_the_driver_takes_the_parameters_of_every_class() -> None:
    for document in manifests():
        if document["kind"] == "StorageClass":
            behaviour_of(document.get("parameters", {}))


@pytest.mark.parametrize("status", [200, 503])
async def test_sidecar_is_ready_when_it_serves_metrics(unused_tcp_port: int, status: int) -> None:
    async def metrics(_: web.Request) -> web.Response:
        return web.Response(status=status)

    application = web.Application()
    application.router.add_get("/metrics", metrics)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    try:
        assert await sidecar_is_ready(f"127.0.0.1:{unused_tcp_port}") == (status == 200)
    finally:
        await runner.cleanup()


async def test_absent_sidecar_is_not_ready(unused_tcp_port: int) -> None:
    assert not await sidecar_is_ready(f"127.0.0.1:{unused_tcp_port}")


def manifests() -> Iterator[Mapping[str, Any]]:
    for path in sorted(MANIFESTS.glob("*.yaml")):
        yield from yaml.safe_load_all(path.read_text())
