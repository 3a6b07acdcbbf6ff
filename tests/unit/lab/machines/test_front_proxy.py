from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
import trustme
from aiohttp import web

from lab.machines.front_proxy import Caller, caller_from, front_proxy_tls
from lab.machines.refusal import RefusedError


def test_caller_is_read_from_the_headers_of_the_proxy() -> None:
    headers = [
        ("X-Remote-User", "anna"),
        ("X-Remote-Group", "editors"),
        ("X-Remote-Group", "system:authenticated"),
        ("X-Remote-Extra-Authentication.kubernetes.io%2Fcredential-Id", "X509SHA256=1"),
        ("Accept", "*/*"),
    ]
    assert caller_from(headers) == Caller(
        "anna",
        ("editors", "system:authenticated"),
        {"authentication.kubernetes.io/credential-id": ["X509SHA256=1"]},
    )


def test_request_that_names_nobody_is_unauthorized() -> None:
    with pytest.raises(RefusedError) as refused:
        caller_from([("X-Remote-Group", "system:masters")])
    assert refused.value.code == 401


@pytest.fixture
def front_proxy() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
async def url(tmp_path: Path, cluster: trustme.CA, front_proxy: trustme.CA) -> AsyncIterator[str]:
    pair = cluster.issue_cert("127.0.0.1")
    pair.cert_chain_pems[0].write_to_path(tmp_path / "tls.crt")
    pair.private_key_pem.write_to_path(tmp_path / "tls.key")
    front_proxy.cert_pem.write_to_path(tmp_path / "front-proxy-ca.crt")
    context = front_proxy_tls(tmp_path / "tls.crt", tmp_path / "tls.key", tmp_path / "front-proxy-ca.crt")
    runner = web.AppRunner(web.Application())
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    yield f"https://127.0.0.1:{runner.addresses[0][1]}/"
    await runner.cleanup()


@pytest.fixture
def cluster() -> trustme.CA:
    return trustme.CA()


async def answer(url: str, cluster: trustme.CA, client: trustme.LeafCert | None) -> int:
    context = ssl.create_default_context()
    cluster.configure_trust(context)
    if client is not None:
        client.configure_cert(context)
    async with aiohttp.ClientSession() as session, session.get(url, ssl=context) as reply:
        return reply.status


async def test_front_proxy_is_let_in(url: str, cluster: trustme.CA, front_proxy: trustme.CA) -> None:
    assert await answer(url, cluster, front_proxy.issue_cert(common_name="front-proxy-client")) == 404


async def test_caller_without_a_certificate_is_not_let_in(url: str, cluster: trustme.CA) -> None:
    with pytest.raises(aiohttp.ClientError):
        await answer(url, cluster, None)


async def test_client_certificate_of_the_cluster_is_not_let_in(url: str, cluster: trustme.CA) -> None:
    with pytest.raises(aiohttp.ClientError):
        await answer(url, cluster, cluster.issue_cert(common_name="admin"))
