"""HTTP to one API server: who we are, time limits, and what counts as no answer."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from typing import Final

import aiohttp
from yarl import URL

from webhook.kube.errors import UnreachableError, error_from
from webhook.kube.sockets import keep_alive_socket

CALL_TIMEOUT_SECONDS: Final = 15.0
CONNECT_TIMEOUT_SECONDS: Final = 10.0
RELOAD_INTERVAL_SECONDS: Final = 5.0
"""Credentials that do not help are not read again sooner: an exec plugin is a process each time."""


class SilentError(UnreachableError):
    """Nothing came for too long, not even a bookmark: the connection may be half open."""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the API server is, and who we are to it."""

    url: str
    authorization: Callable[[], Awaitable[str | None]] | None = None
    """Asked for each request, because tokens in files are replaced while we run."""
    tls: ssl.SSLContext | None = None
    server_name: str | None = None
    proxy: str | None = None


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    limits: aiohttp.ClientTimeout
    params: Mapping[str, str] | None = None
    body: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def user_agent() -> str:
    """The part before the slash becomes the field manager of our writes."""
    try:
        return f"snapgate/{version('snapgate')}"
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "snapgate/0"


class Transport:
    """One session for all calls and watches.

    `reload` reads the credentials again: after a 401 (a token or client certificate has been replaced) and when the
    server's certificate is not trusted (its authority has). The call is then made once more, which is safe for writes
    too: neither was carried out.
    """

    def __init__(
        self, endpoint: Endpoint, *, reload: Callable[[], Awaitable[Endpoint]] | None = None, limit: int = 100
    ) -> None:
        self._endpoint = endpoint
        self._reload = reload
        self._reloading = asyncio.Lock()
        self._reloaded_at = float("-inf")
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=limit, keepalive_timeout=60, socket_factory=keep_alive_socket),
            # Not compressed: a list is unpacked on the event loop, and costs more than the network of a cluster.
            headers={"User-Agent": user_agent(), "Accept": "application/json", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        await self._session.close()

    async def call(
        self,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        content_type: str = "application/json",
        params: Mapping[str, str] | None = None,
        timeout_seconds: float = CALL_TIMEOUT_SECONDS,
    ) -> bytes:
        """The body of a successful answer. Raises ApiError or UnreachableError."""
        headers = {"Content-Type": content_type} if body is not None else {}
        limits = aiohttp.ClientTimeout(total=timeout_seconds, sock_connect=CONNECT_TIMEOUT_SECONDS)
        request = _Request(method, path, limits, params=params, body=body, headers=headers)
        with _unreachable(request):
            async with await self._open(request) as response:
                return await response.read()

    @asynccontextmanager
    async def stream(
        self, path: str, *, params: Mapping[str, str], silence_seconds: float
    ) -> AsyncIterator[AsyncIterator[bytes]]:
        """The body of a long answer in pieces, as they come. Raises SilentError when none comes for so long."""
        limits = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_TIMEOUT_SECONDS, sock_read=silence_seconds)
        request = _Request("GET", path, limits, params=params)
        with _unreachable(request):
            # A watch is answered at once. An API server that is starting takes the request and sits on it.
            async with asyncio.timeout(min(silence_seconds, CALL_TIMEOUT_SECONDS)):
                response = await self._open(request)
        async with response:
            yield _pieces(request, response)

    async def _open(self, request: _Request) -> aiohttp.ClientResponse:
        response = await self._send_again_if_renewed(request)
        if response.status >= 300:
            async with response:
                raise error_from(response.status, await response.read(), response.headers)
        return response

    async def _send_again_if_renewed(self, request: _Request) -> aiohttp.ClientResponse:
        endpoint = self._endpoint
        try:
            response = await self._send(endpoint, request)
        except aiohttp.ClientConnectorCertificateError:
            if not await self._renew(endpoint):
                raise
            return await self._send(self._endpoint, request)
        if response.status != 401 or not await self._renew(endpoint):
            return response
        response.close()
        return await self._send(self._endpoint, request)

    async def _send(self, endpoint: Endpoint, request: _Request) -> aiohttp.ClientResponse:
        headers = dict(request.headers)
        authorization = await endpoint.authorization() if endpoint.authorization else None
        if authorization:
            headers["Authorization"] = authorization
        return await self._session.request(
            request.method,
            URL(endpoint.url + request.path, encoded=True),
            params=request.params,
            data=request.body,
            headers=headers,
            timeout=request.limits,
            ssl=endpoint.tls or True,
            server_hostname=endpoint.server_name,
            proxy=endpoint.proxy,
            allow_redirects=False,  # a redirect would carry the token elsewhere
        )

    async def _renew(self, refused: Endpoint) -> bool:
        """Whether there are other credentials than the refused ones; one reader for all that wait."""
        async with self._reloading:
            if self._endpoint is not refused:
                return True
            now = asyncio.get_running_loop().time()
            if self._reload is None or now - self._reloaded_at < RELOAD_INTERVAL_SECONDS:
                return False
            self._reloaded_at = now
            self._endpoint = await self._reload()
            return True


async def _pieces(request: _Request, response: aiohttp.ClientResponse) -> AsyncIterator[bytes]:
    with _unreachable(request):
        async for piece in response.content.iter_any():
            yield piece


@contextmanager
def _unreachable(request: _Request) -> Iterator[None]:
    try:
        yield
    except aiohttp.SocketTimeoutError as error:
        raise SilentError(f"{request}: the API server has gone silent") from error
    except (aiohttp.ClientError, TimeoutError, OSError) as error:
        raise UnreachableError(f"{request}: {_why(error)}") from error


def _why(error: Exception) -> str:
    """In words: aiohttp's own name memory addresses and byte counts."""
    match error:
        case aiohttp.ClientConnectorCertificateError():
            return f"the server's certificate is not trusted: {error.certificate_error}"
        case aiohttp.ClientConnectorError():
            return f"no connection: {error.os_error}"
        case aiohttp.ClientPayloadError() | aiohttp.ServerDisconnectedError() | ConnectionResetError():
            return "the connection broke"
        case TimeoutError():
            return "no answer in time"
        case _:
            return str(error) or type(error).__name__
