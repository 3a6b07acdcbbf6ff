from __future__ import annotations

import asyncio
import ssl
from collections.abc import Awaitable, Callable

import pytest
import trustme
from aiohttp import web

from tests.support.fake_api_server import Answer, FakeApiServer, Stream, json, refusal, text
from tests.support.serving import served
from webhook.kube.errors import ApiError, ConnectError, UnauthorizedError, UnreachableError
from webhook.kube.transport import Endpoint, SilentError, Transport


def token(value: str) -> Callable[[], Awaitable[str]]:
    async def authorization() -> str:
        return f"Bearer {value}"

    return authorization


def only(value: str) -> Answer:
    async def answer(request: web.Request) -> web.StreamResponse:
        known = request.headers.get("Authorization") == f"Bearer {value}"
        return await (json({}) if known else refusal(401, "Unauthorized"))(request)

    return answer


async def stalled(_: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


async def test_each_call_says_who_it_is(server: FakeApiServer) -> None:
    server.others.append(json({}))
    async with served(server) as url:
        transport = Transport(Endpoint(url, token("secret")))
        await transport.call("GET", "/api")
        await transport.close()
    headers = server.requests[0].headers
    assert headers["Authorization"] == "Bearer secret"
    assert headers["User-Agent"].startswith("snapgate/")


async def test_an_expired_token_is_read_again_and_the_call_made_once_more(server: FakeApiServer) -> None:
    server.others.append(only("new"))
    async with served(server) as url:

        async def reload() -> Endpoint:
            return Endpoint(url, token("new"))

        transport = Transport(Endpoint(url, token("old")), reload=reload)
        assert await transport.call("POST", "/api", body=b"{}") == b"{}"
        await transport.call("POST", "/api", body=b"{}")
        await transport.close()
    assert len(server.requests) == 3


async def test_credentials_that_do_not_help_are_not_read_for_each_call(server: FakeApiServer) -> None:
    server.others.append(refusal(401, "Unauthorized"))
    reads = 0
    async with served(server) as url:

        async def reload() -> Endpoint:
            nonlocal reads
            reads += 1
            return Endpoint(url, token("wrong"))

        transport = Transport(Endpoint(url, token("old")), reload=reload)
        for _ in range(3):
            with pytest.raises(UnauthorizedError):
                await transport.call("GET", "/api")
        await transport.close()
    assert reads == 1


async def test_many_calls_with_an_expired_token_read_the_new_one_once(server: FakeApiServer) -> None:
    server.others.append(only("new"))
    reads = 0
    async with served(server) as url:

        async def reload() -> Endpoint:
            nonlocal reads
            reads += 1
            return Endpoint(url, token("new"))

        transport = Transport(Endpoint(url, token("old")), reload=reload)
        await asyncio.gather(*(transport.call("GET", "/api") for _ in range(10)))
        await transport.close()
    assert reads == 1


async def test_credentials_that_cannot_be_read_are_no_answer(server: FakeApiServer) -> None:
    server.others.append(refusal(401, "Unauthorized"))

    async def reload() -> Endpoint:
        raise ConnectError("no token")

    async with served(server) as url:
        transport = Transport(Endpoint(url), reload=reload)
        with pytest.raises(UnreachableError):
            await transport.call("GET", "/api")
        await transport.close()


async def test_a_new_authority_of_the_server_is_read_again(server: FakeApiServer) -> None:
    server.others.append(json({}))
    old, new = trustme.CA(), trustme.CA()
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    new.issue_cert("localhost").configure_cert(serving)
    async with served(server, tls=serving) as url:

        async def reload() -> Endpoint:
            return Endpoint(url, tls=trusting(new))

        transport = Transport(Endpoint(url, tls=trusting(old)), reload=reload)
        assert await transport.call("GET", "/api") == b"{}"
        await transport.close()


async def test_a_server_that_is_not_trusted_gets_nothing(server: FakeApiServer) -> None:
    serving = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("localhost").configure_cert(serving)
    async with served(server, tls=serving) as url:
        transport = Transport(Endpoint(url, token("secret"), tls=trusting(trustme.CA())))
        with pytest.raises(UnreachableError):
            await transport.call("GET", "/api")
        await transport.close()
    assert server.requests == []


def trusting(authority: trustme.CA) -> ssl.SSLContext:
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


async def test_a_refused_connection_is_unreachable() -> None:
    transport = Transport(Endpoint("http://127.0.0.1:1"))
    with pytest.raises(UnreachableError):
        await transport.call("GET", "/api")
    await transport.close()


async def test_a_call_that_takes_too_long_is_unreachable(server: FakeApiServer) -> None:
    server.others.append(stalled)
    async with served(server) as url:
        transport = Transport(Endpoint(url))
        with pytest.raises(UnreachableError):
            await transport.call("GET", "/api", timeout_seconds=0.05)
        await transport.close()


async def test_a_stream_that_is_not_answered_is_unreachable(server: FakeApiServer) -> None:
    server.others.append(stalled)
    async with served(server) as url:
        transport = Transport(Endpoint(url))
        with pytest.raises(UnreachableError):
            async with transport.stream("/api", params={}, silence_seconds=0.05):
                pass
        await transport.close()


async def test_a_stream_that_falls_silent_is_told_from_one_that_breaks(server: FakeApiServer) -> None:
    server.others.append(Stream(b"first"))
    pieces: list[bytes] = []
    async with served(server) as url:
        transport = Transport(Endpoint(url))
        with pytest.raises(SilentError):
            await read_into(pieces, transport)
        await transport.close()
    assert pieces == [b"first"]


async def read_into(pieces: list[bytes], transport: Transport) -> None:
    async with transport.stream("/api", params={}, silence_seconds=1.0) as stream:
        async for piece in stream:
            pieces.append(piece)  # noqa: PERF401 - what came before the error is wanted


async def test_a_redirect_is_not_followed(server: FakeApiServer) -> None:
    server.others.append(text("", 302, {"Location": "/elsewhere"}))
    async with served(server) as url:
        transport = Transport(Endpoint(url, token("secret")))
        with pytest.raises(ApiError):
            await transport.call("GET", "/api")
        await transport.close()
    assert len(server.requests) == 1
