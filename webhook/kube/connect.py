"""Finding the API server and our credentials, as kubectl does."""

from __future__ import annotations

import asyncio
import os
import ssl
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from kubernetes.aio.client import Configuration
from kubernetes.aio.config import ConfigException, load_incluster_config, load_kube_config

from webhook.kube.client import Client
from webhook.kube.errors import ConnectError
from webhook.kube.transport import Endpoint, Transport


async def connect(*, kubeconfig: Path | None = None, context: str | None = None) -> Client:
    """This file when given, else the pod's service account, else KUBECONFIG or the default file.

    No request is made. Raises ConnectError.
    """
    load = partial(load_endpoint, kubeconfig, context)
    return Client(Transport(await load(), reload=load))


async def load_endpoint(kubeconfig: Path | None = None, context: str | None = None) -> Endpoint:
    """Read everything anew. Raises ConnectError."""
    # type.__call__: the plain constructor copies a process-wide default that others may have set.
    configuration = type.__call__(Configuration)
    in_cluster = kubeconfig is None and context is None and "KUBERNETES_SERVICE_HOST" in os.environ
    source = "the pod's service account" if in_cluster else kubeconfig_paths(kubeconfig)
    try:
        if in_cluster:
            load_incluster_config(configuration)  # type: ignore[no-untyped-call]  # the package has no types
        else:
            await _load_file(configuration, source, context)
    except ConnectError:
        raise
    except Exception as error:  # the package raises whatever its parsing trips over
        raise ConnectError(f"no way to an API server with {source}: {error}") from error
    return await _endpoint(configuration)


def kubeconfig_paths(kubeconfig: Path | None) -> str:
    return str(kubeconfig or os.environ.get("KUBECONFIG") or Path.home() / ".kube" / "config")


def require_kubeconfig(paths: str) -> None:
    """The package only warns about files that are missing, and then fails on None. Raises ConnectError."""
    if not any(Path(each).expanduser().is_file() for each in paths.split(os.pathsep) if each):
        raise ConnectError(f"no kubeconfig at {paths}; name one, or set KUBECONFIG")


async def _load_file(configuration: Configuration, paths: str, context: str | None) -> None:
    require_kubeconfig(paths)
    await load_kube_config(  # type: ignore[no-untyped-call]  # the package has no types
        config_file=paths, context=context, client_configuration=configuration, persist_config=False
    )


async def _endpoint(configuration: Configuration) -> Endpoint:
    if not configuration.host.startswith("https://"):
        raise ConnectError(f"{configuration.host} is not https; credentials are never sent in the clear")
    if not configuration.verify_ssl:
        raise ConnectError("insecure-skip-tls-verify is not supported; put the authority into the kubeconfig instead")
    # Reading trust stores takes tens of milliseconds, and reloads happen while admission is answered.
    tls = await asyncio.to_thread(_tls_context, configuration)
    return Endpoint(
        url=configuration.host.rstrip("/"),
        authorization=partial(_authorization, configuration),
        tls=tls,
        server_name=configuration.tls_server_name,
        proxy=configuration.proxy or _proxy_for(configuration.host),
    )


async def _authorization(configuration: Configuration) -> str | None:
    """Also reads the service account's token again, at most once a minute, before the kubelet's old one expires."""
    try:
        header: str | None = await configuration.get_api_key_with_prefix("BearerToken")
    except (ConfigException, OSError) as error:
        raise ConnectError(f"the token cannot be read: {error}") from error
    return header


def _tls_context(configuration: Any) -> ssl.SSLContext:
    try:
        created = ssl.create_default_context(cafile=configuration.ssl_ca_cert)
        if configuration.cert_file:
            created.load_cert_chain(configuration.cert_file, configuration.key_file)
    except (OSError, ssl.SSLError) as error:
        raise ConnectError(f"the certificates of {configuration.host} cannot be read: {error}") from error
    return created


def _proxy_for(url: str) -> str | None:
    """From the environment, once: aiohttp's own way (trust_env) reads ~/.netrc for each request."""
    parts = urlsplit(url)
    return None if proxy_bypass(parts.hostname or "") else getproxies().get(parts.scheme)
