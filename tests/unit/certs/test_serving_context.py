from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from certs.authority import Authority, authority_from, new_authority
from certs.leaf import Leaf, sign_leaf
from certs.serving_context import LeafError, ServingContext

NAME = "snapgate-webhook.snapgate-system.svc"
NOW = datetime.now(UTC)
AUTHORITY = new_authority("ca", NOW)


def leaf_of(authority: Authority = AUTHORITY, *, now: datetime = NOW) -> Leaf:
    return sign_leaf(authority, [NAME], now)


def client_context(authority: Authority = AUTHORITY) -> ssl.SSLContext:
    return ssl.create_default_context(cadata=authority.certificate_pem.decode())


@asynccontextmanager
async def echoing(context: ServingContext) -> AsyncIterator[int]:
    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line)
        writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0, ssl=context.context)
    async with server:
        yield server.sockets[0].getsockname()[1]


class Connection:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    @property
    def serial_number(self) -> int:
        der = self._writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        return x509.load_der_x509_certificate(der).serial_number

    @property
    def protocol(self) -> str | None:
        selected: str | None = self._writer.get_extra_info("ssl_object").selected_alpn_protocol()
        return selected

    async def answers(self) -> bool:
        self._writer.write(b"hello\n")
        return await asyncio.wait_for(self._reader.readline(), 30) == b"hello\n"


@asynccontextmanager
async def connected(port: int, context: ssl.SSLContext, name: str | None = NAME) -> AsyncIterator[Connection]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname=name)
    try:
        yield Connection(reader, writer)
    finally:
        writer.close()
        await writer.wait_closed()


async def test_new_connections_get_the_new_leaf_and_old_ones_live_on() -> None:
    serving, first, second = ServingContext(), leaf_of(), leaf_of()
    serving.use(first, [NAME], NOW)
    async with echoing(serving) as port, connected(port, client_context()) as old:
        assert old.serial_number == first.certificate.serial_number
        serving.use(second, [NAME], NOW)
        async with connected(port, client_context()) as new:
            assert new.serial_number == second.certificate.serial_number
            assert await new.answers()
        assert await old.answers()


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(replace(leaf_of(), private_key=leaf_of().private_key), id="key of another"),
        pytest.param(leaf_of(now=NOW - timedelta(days=8)), id="ended"),
        pytest.param(leaf_of(now=NOW + timedelta(days=1)), id="not valid yet"),
        pytest.param(sign_leaf(AUTHORITY, ["other.svc"], NOW), id="other name"),
    ],
)
async def test_leaf_that_is_not_in_order_leaves_the_one_before_in_place(broken: Leaf) -> None:
    serving, good = ServingContext(), leaf_of()
    serving.use(good, [NAME], NOW)
    with pytest.raises(LeafError):
        serving.use(broken, [NAME], NOW)
    assert serving.leaf is good
    async with echoing(serving) as port, connected(port, client_context()) as connection:
        assert connection.serial_number == good.certificate.serial_number


async def test_client_that_sends_no_name_gets_the_leaf_too() -> None:
    serving, leaf = ServingContext(), leaf_of()
    serving.use(leaf, [NAME], NOW)
    context = client_context()
    context.check_hostname = False
    async with echoing(serving) as port, connected(port, context, "") as connection:
        assert connection.serial_number == leaf.certificate.serial_number


async def test_http_2_is_not_agreed_to() -> None:
    serving = ServingContext()
    serving.use(leaf_of(), [NAME], NOW)
    context = client_context()
    context.set_alpn_protocols(["h2", "http/1.1"])
    async with echoing(serving) as port, connected(port, context) as connection:
        assert connection.protocol == "http/1.1"


async def test_client_of_the_oldest_supported_tls_version_is_served() -> None:
    serving = ServingContext()
    serving.use(leaf_of(), [NAME], NOW)
    context = client_context()
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    async with echoing(serving) as port, connected(port, context) as connection:
        assert await connection.answers()


async def test_connections_are_refused_before_there_is_a_leaf() -> None:
    async with echoing(ServingContext()) as port:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", port, ssl=client_context(), server_hostname=NAME)


async def test_authority_that_others_made_is_served_from_as_well() -> None:
    others = trustme.CA(key_type=trustme.KeyType.ECDSA)
    key = load_pem_private_key(others.private_key_pem.bytes(), password=None)
    data = {"ca.crt": others.cert_pem.bytes(), "ca.key": others.private_key_pem.bytes()}
    authority = authority_from(data)
    assert authority.private_key.public_key() == key.public_key()
    serving = ServingContext()
    serving.use(leaf_of(authority), [NAME], NOW)
    async with echoing(serving) as port, connected(port, client_context(authority)) as connection:
        assert await connection.answers()
