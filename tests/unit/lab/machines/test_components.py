from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from aiohttp import web

import lab.machines
from lab.context import Lab
from lab.credentials import create_credentials
from lab.machines import components
from lab.machines.components import machine_components, machines_are_ready
from lab.machines.registration import NAME
from lab.machines.settings import SUBRESOURCE_ADDRESS, SUBRESOURCE_PORT
from lab.paths import LabPaths
from lab.process import Component

MANIFESTS = Path(lab.machines.__file__).parent / "manifests"


def manifests(kind: str) -> list[dict[str, Any]]:
    documents = (document for file in MANIFESTS.glob("*.yaml") for document in yaml.safe_load_all(file.read_text()))
    return [document for document in documents if document["kind"] == kind]


@pytest.fixture
def component(tmp_path: Path) -> Component:
    paths = LabPaths(state=tmp_path, runtime=tmp_path / "run")
    create_credentials(paths.pki, datetime.now(UTC))
    paths.kubeconfigs.mkdir()
    (component,) = machine_components(Lab("test", paths))
    return component


def test_machine_side_starts_after_the_api_server_and_says_when_it_is_ready(component: Component) -> None:
    assert component.after == ("kube-apiserver",)
    assert component.ready is not None


def test_every_file_it_is_given_exists(component: Component) -> None:
    options = dict(option.removeprefix("--").split("=", 1) for option in component.command[3:])
    assert all(Path(path).is_file() for name, path in options.items() if name not in {"state", "storage", "sockets"})


def test_endpoint_is_where_the_process_listens() -> None:
    (endpoints,) = manifests("EndpointSlice")
    assert endpoints["endpoints"][0]["addresses"] == [SUBRESOURCE_ADDRESS]
    assert endpoints["ports"][0]["port"] == SUBRESOURCE_PORT


def test_api_service_ranks_below_the_group_of_the_crds() -> None:
    (service,) = manifests("APIService")
    assert service["metadata"]["name"] == NAME
    assert service["spec"]["groupPriorityMinimum"] < 1000


def test_role_is_no_wildcard_and_only_looks_at_secrets() -> None:
    (role,) = manifests("ClusterRole")
    granted = {word for rule in role["rules"] for key in ("apiGroups", "resources", "verbs") for word in rule[key]}
    assert "*" not in granted
    assert [rule["verbs"] for rule in role["rules"] if "secrets" in rule["resources"]] == [["list", "watch"]]


async def test_machine_side_that_does_not_listen_is_not_ready(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(components, "PROBE_PORT", 9)
    assert not await machines_are_ready()


async def test_machine_side_that_answers_is_ready(monkeypatch: pytest.MonkeyPatch, unused_tcp_port: int) -> None:
    application = web.Application()

    async def ready(_: web.Request) -> web.Response:
        return web.Response()

    application.router.add_get("/readyz", ready)
    runner = web.AppRunner(application)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", unused_tcp_port).start()
    monkeypatch.setattr(components, "PROBE_PORT", unused_tcp_port)
    assert await machines_are_ready()
    await runner.cleanup()
