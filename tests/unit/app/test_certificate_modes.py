from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from certs.authority import new_authority
from tests.support.background import in_background
from tests.support.certificate_files import MountedSecret, issued
from tests.support.fake_api_server import FakeApiServer, Stream, event, json
from tests.support.serving import client_of
from webhook.app.certificate_modes import VALIDATING_WEBHOOKS, Certificates, certificates
from webhook.app.settings import CertificateMode, WebhookSettings

NOW = datetime.now(UTC)
AUTHORITY = new_authority("ca", NOW)
CONFIGURATION = {
    "metadata": {"name": "snapgate", "resourceVersion": "7"},
    "webhooks": [{"name": name, "clientConfig": {}} for name in VALIDATING_WEBHOOKS],
}


@pytest.fixture
def secret(tmp_path: Path) -> MountedSecret:
    mounted = MountedSecret(tmp_path / "tls")
    mounted.put(issued(AUTHORITY, NOW))
    return mounted


@pytest.fixture
def server() -> FakeApiServer:
    """Whatever is written, the bundle is missing again at the next look."""
    fake = FakeApiServer()
    fake.others.append(json(CONFIGURATION))
    return fake


@asynccontextmanager
async def running(
    server: FakeApiServer, secret: MountedSecret, registry: CollectorRegistry | None = None, **given: object
) -> AsyncIterator[Certificates]:
    settings = WebhookSettings.model_validate({"certificate_directory": secret.path, "mutating": False, **given})
    async with client_of(server) as client:
        serving = certificates(settings, client, registry or CollectorRegistry())
        async with in_background(serving.run()):
            yield serving


async def until_ready(serving: Certificates) -> None:
    async with asyncio.timeout(30):
        while serving.not_ready_reason() is not None:  # noqa: ASYNC110 - as a kubelet asks
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    "given",
    [
        {"certificates": CertificateMode.CERT_MANAGER},
        {"certificates": CertificateMode.EXISTING_SECRET, "inject_ca_bundle": False},
    ],
)
async def test_where_others_tell_the_api_server_whom_to_trust_it_is_not_even_asked(
    server: FakeApiServer, secret: MountedSecret, given: dict[str, object]
) -> None:
    registry = CollectorRegistry()
    async with running(server, secret, registry, **given) as serving:
        await until_ready(serving)
    assert server.requests == []
    ends = registry.get_sample_value("snapgate_tls_certificate_expiry_timestamp_seconds", {"certificate": "authority"})
    assert ends == AUTHORITY.certificate.not_valid_after_utc.timestamp()


async def test_authority_in_an_existing_secret_is_given_to_the_api_server(
    server: FakeApiServer, secret: MountedSecret
) -> None:
    stream = Stream()
    server.watches.append(stream)
    async with running(server, secret, certificates=CertificateMode.EXISTING_SECRET) as serving:
        await until_ready(serving)
        stream.end()
    applied = [body["webhooks"][0]["clientConfig"]["caBundle"] for body in server.bodies if body]
    assert base64.b64decode(applied[0]) == AUTHORITY.certificate_pem


async def test_bundle_is_put_back_when_the_configuration_changes_and_not_a_minute_later(
    server: FakeApiServer, secret: MountedSecret
) -> None:
    stream = Stream()
    server.watches.append(stream)
    async with running(server, secret, certificates=CertificateMode.EXISTING_SECRET) as serving:
        await until_ready(serving)
        await stream.opened.wait()
        stream.send(event("MODIFIED", CONFIGURATION))
        await server.until(lambda: sum(request.method == "PATCH" for request in server.requests) == 2)
        stream.end()


async def test_failures_are_counted_from_zero(server: FakeApiServer, secret: MountedSecret) -> None:
    registry = CollectorRegistry()
    async with running(server, secret, registry, certificates=CertificateMode.CERT_MANAGER) as serving:
        await until_ready(serving)
        counted = [
            registry.get_sample_value("snapgate_tls_certificate_failures_total", {"trouble": trouble})
            for trouble in ("source", "certificate", "bundle")
        ]
    assert counted == [0, 0, 0]
