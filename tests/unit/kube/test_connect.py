from __future__ import annotations

import base64
import ssl
from json import dumps as json_text
from pathlib import Path
from typing import Any

import pytest
import trustme
import yaml
from kubernetes.aio.config import incluster_config

from tests.support.disks import disk
from tests.support.fake_api_server import FakeApiServer, json
from tests.support.serving import served
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.kube.connect import connect, load_endpoint
from webhook.kube.errors import ConnectError

EXEC_VERSION = "client.authentication.k8s.io/v1"


@pytest.fixture(autouse=True)
def _nowhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for variable in ("KUBECONFIG", "KUBERNETES_SERVICE_HOST", "HTTPS_PROXY", "https_proxy", "NO_PROXY", "no_proxy"):
        monkeypatch.delenv(variable, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def kubeconfig(path: Path, server: str, authority: trustme.CA, **cluster: Any) -> Path:
    authority.cert_pem.write_to_path(str(path.parent / "ca.crt"))
    (path.parent / "token").write_text("secret")
    named = {"server": server, "certificate-authority": "ca.crt", **cluster}
    document = {
        "current-context": "here",
        "contexts": [{"name": "here", "context": {"cluster": "c", "user": "u"}}],
        "clusters": [{"name": "c", "cluster": named}],
        "users": [{"name": "u", "user": {"tokenFile": "token"}}],
    }
    path.write_text(yaml.safe_dump(document))
    return path


async def test_a_kubeconfig_leads_to_a_verified_server_with_its_token(server: FakeApiServer, tmp_path: Path) -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(serving)
    server.others.append(json(disk("a", "5")))
    async with served(server, tls=serving) as url:
        client = await connect(kubeconfig=kubeconfig(tmp_path / "config", url, authority))
        await client.get(VIRTUAL_DISK, "default", "a")
        await client.close()
    assert server.requests[0].headers["Authorization"] == "Bearer secret"


async def test_a_client_certificate_in_the_kubeconfig_is_presented(server: FakeApiServer, tmp_path: Path) -> None:
    authority = trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(serving)
    authority.configure_trust(serving)
    serving.verify_mode = ssl.CERT_REQUIRED
    leaf = authority.issue_cert("me@here")
    user = {
        "client-certificate-data": base64.b64encode(leaf.cert_chain_pems[0].bytes()).decode(),
        "client-key-data": base64.b64encode(leaf.private_key_pem.bytes()).decode(),
    }
    server.others.append(json(disk("a", "5")))
    async with served(server, tls=serving) as url:
        path = kubeconfig(tmp_path / "config", url, authority)
        path.write_text(yaml.safe_dump(yaml.safe_load(path.read_text()) | {"users": [{"name": "u", "user": user}]}))
        client = await connect(kubeconfig=path)
        await client.get(VIRTUAL_DISK, "default", "a")
        await client.close()
    assert "Authorization" not in server.requests[0].headers


async def test_kubeconfig_is_found_through_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = kubeconfig(tmp_path / "config", "https://example.test:6443", trustme.CA())
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/none:{path}")
    assert (await load_endpoint()).url == "https://example.test:6443"


async def test_kubeconfig_is_found_at_home(tmp_path: Path) -> None:
    (tmp_path / ".kube").mkdir()
    kubeconfig(tmp_path / ".kube" / "config", "https://example.test:6443", trustme.CA())
    assert (await load_endpoint()).url == "https://example.test:6443"


async def test_a_proxy_in_the_environment_is_used(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.test:3128")
    path = kubeconfig(tmp_path / "config", "https://example.test:6443", trustme.CA())
    assert (await load_endpoint(path)).proxy == "http://proxy.test:3128"
    monkeypatch.setenv("NO_PROXY", "example.test")
    assert (await load_endpoint(path)).proxy is None


async def test_nothing_found_says_what_was_tried(tmp_path: Path) -> None:
    with pytest.raises(ConnectError) as raised:
        await load_endpoint()
    assert str(raised.value) == f"no kubeconfig at {tmp_path}/.kube/config; name one, or set KUBECONFIG"


async def test_a_server_that_is_not_to_be_verified_is_refused(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", "https://example.test", trustme.CA(), **{"insecure-skip-tls-verify": True})
    with pytest.raises(ConnectError):
        await load_endpoint(path)


async def test_a_server_without_tls_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConnectError):
        await load_endpoint(kubeconfig(tmp_path / "config", "http://example.test", trustme.CA()))


@pytest.mark.parametrize("text", ["", "[1]", "{", "current-context: x", "a: [b: c: d"])
async def test_a_broken_kubeconfig_is_a_connect_error(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config"
    path.write_text(text)
    with pytest.raises(ConnectError):
        await load_endpoint(path)


async def test_an_unknown_context_is_a_connect_error(tmp_path: Path) -> None:
    with pytest.raises(ConnectError):
        await load_endpoint(kubeconfig(tmp_path / "config", "https://example.test", trustme.CA()), "elsewhere")


async def test_an_authority_that_is_no_certificate_is_a_connect_error(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", "https://example.test", trustme.CA())
    (tmp_path / "ca.crt").write_text("no certificate")
    with pytest.raises(ConnectError):
        await load_endpoint(path)


async def test_a_pod_uses_its_service_account(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trustme.CA().cert_pem.write_to_path(str(tmp_path / "ca.crt"))
    (tmp_path / "token").write_text("mounted")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(tmp_path / "token"))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(tmp_path / "ca.crt"))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "10.96.0.1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    endpoint = await load_endpoint()
    assert endpoint.url == "https://10.96.0.1:443"
    assert endpoint.authorization is not None
    assert await endpoint.authorization() == "bearer mounted"


async def test_an_exec_plugin_gives_the_token(tmp_path: Path) -> None:
    credential = {"apiVersion": EXEC_VERSION, "kind": "ExecCredential", "status": {"token": "printed"}}
    plugin = {
        "apiVersion": EXEC_VERSION,
        "command": "echo",
        "args": [json_text(credential)],
        "interactiveMode": "Never",
    }
    path = kubeconfig(tmp_path / "config", "https://example.test", trustme.CA())
    document = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump(document | {"users": [{"name": "u", "user": {"exec": plugin}}]}))
    endpoint = await load_endpoint(path)
    assert endpoint.authorization is not None
    assert await endpoint.authorization() == "Bearer printed"


async def test_a_token_file_is_read_anew_by_each_load(tmp_path: Path) -> None:
    path = kubeconfig(tmp_path / "config", "https://example.test", trustme.CA())
    await load_endpoint(path)
    (tmp_path / "token").write_text("replaced")
    endpoint = await load_endpoint(path)
    assert endpoint.authorization is not None
    assert await endpoint.authorization() == "Bearer replaced"
