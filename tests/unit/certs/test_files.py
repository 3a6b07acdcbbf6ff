from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from certs.authority import new_authority
from certs.files import CertificateFiles
from certs.keeper import CertificateKeeper
from certs.source import SourceError, Trouble
from tests.support.authorities import Callers, Told, WallClock
from tests.support.certificate_files import NAME, MountedSecret, issued

NOW = datetime.now(UTC)
AUTHORITY = new_authority("ca", NOW)
OTHER_AUTHORITY = new_authority("other", NOW)


@pytest.fixture
def secret(tmp_path: Path) -> MountedSecret:
    return MountedSecret(tmp_path / "tls")


def files_in(secret: MountedSecret) -> CertificateFiles:
    return CertificateFiles(secret.path, [NAME])


async def test_what_is_mounted_is_offered_with_whom_to_trust(secret: MountedSecret) -> None:
    content = issued(AUTHORITY, NOW)
    secret.put(content)
    offer = await files_in(secret).offer(NOW)
    assert offer.bundle_pem == content["ca.crt"]
    assert offer.authority_ends == AUTHORITY.certificate.not_valid_after_utc
    assert offer.trouble is None


async def test_same_files_are_the_same_offer(secret: MountedSecret) -> None:
    secret.put(issued(AUTHORITY, NOW))
    files = files_in(secret)
    assert await files.offer(NOW) is await files.offer(NOW)


async def test_files_that_were_swapped_are_offered_without_restart(secret: MountedSecret) -> None:
    secret.put(issued(AUTHORITY, NOW))
    files = files_in(secret)
    before = await files.offer(NOW)
    secret.put(issued(OTHER_AUTHORITY, NOW))
    after = await files.offer(NOW)
    assert after.pair.certificate != before.pair.certificate
    assert after.bundle_pem == OTHER_AUTHORITY.certificate_pem


async def test_files_without_an_authority_are_served_and_nobody_is_told(secret: MountedSecret) -> None:
    content = issued(AUTHORITY, NOW)
    del content["ca.crt"]
    secret.put(content)
    offer = await files_in(secret).offer(NOW)
    assert (offer.bundle_pem, offer.authority_ends) == (None, None)


def _encrypted(content: Mapping[str, bytes]) -> bytes:
    key = load_pem_private_key(content["tls.key"], password=None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret"))


def of_version_nine(certificate: bytes) -> bytes:
    der = base64.b64decode(b"".join(certificate.split(b"-----END")[0].splitlines()[1:]))
    damaged = base64.encodebytes(der.replace(b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x09", 1))
    return b"-----BEGIN CERTIFICATE-----\n" + damaged + b"-----END CERTIFICATE-----\n"


BROKEN: dict[str, tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]] = {
    "half written": (lambda old: old | {"tls.key": issued(AUTHORITY, NOW)["tls.key"]}, "do not belong together"),
    "empty": (lambda old: old | {"tls.crt": b""}, "tls.crt holds no PEM certificate"),
    "cut off": (lambda old: old | {"tls.key": old["tls.key"][:40]}, "tls.key and tls.crt"),
    "encrypted": (lambda old: old | {"tls.key": _encrypted(old)}, "tls.key and tls.crt"),
    "ended": (lambda _: issued(AUTHORITY, NOW, lifetime=timedelta(seconds=-1)), "not now"),
    "for another name": (lambda _: issued(AUTHORITY, NOW, name="other.svc"), f"tls.crt is not for {NAME}"),
    "of another authority": (
        lambda old: old | {"ca.crt": OTHER_AUTHORITY.certificate_pem},
        "tls.crt is not trusted by who trusts ca.crt",
    ),
    "with text for an authority": (lambda old: old | {"ca.crt": b"text"}, "no PEM certificates"),
    "of no version that there is": (lambda old: old | {"tls.crt": of_version_nine(old["tls.crt"])}, "a damaged one"),
}


@pytest.mark.parametrize("broken", BROKEN.values(), ids=BROKEN)
async def test_files_that_are_not_in_order_leave_the_last_good_ones_in_place(
    secret: MountedSecret, broken: tuple[Callable[[dict[str, bytes]], dict[str, bytes]], str]
) -> None:
    damage, complaint = broken
    good = issued(AUTHORITY, NOW)
    secret.put(good)
    files = files_in(secret)
    before = await files.offer(NOW)
    secret.put(damage(dict(good)))
    after = await files.offer(NOW)
    assert after.pair is before.pair
    assert after.trouble is not None
    assert complaint in after.trouble
    secret.put(good)
    assert (await files.offer(NOW)).trouble is None


async def test_files_that_are_missing_at_the_start_are_named(secret: MountedSecret) -> None:
    with pytest.raises(SourceError, match=r"tls\.crt: No such file or directory"):
        await files_in(secret).offer(NOW)


@pytest.mark.parametrize("pattern", [NAME, NAME.upper(), "*.snapgate-system.svc"])
async def test_names_are_compared_as_callers_compare_them(secret: MountedSecret, pattern: str) -> None:
    secret.put(issued(AUTHORITY, NOW, name=pattern))
    assert (await files_in(secret).offer(NOW)).trouble is None


async def test_wildcard_stands_for_one_label(secret: MountedSecret) -> None:
    secret.put(issued(AUTHORITY, NOW, name="*.svc"))
    with pytest.raises(SourceError, match="is not for"):
        await files_in(secret).offer(NOW)


async def test_chain_over_an_intermediate_authority_is_served(secret: MountedSecret) -> None:
    root = trustme.CA()
    issuer = root.create_child_ca()
    pair = issuer.issue_cert(NAME)
    chain = b"".join(each.bytes() for each in pair.cert_chain_pems)
    secret.put(
        {"tls.crt": chain, "tls.key": pair.private_key_pem.bytes(), "ca.crt": root.cert_pem.bytes()},
    )
    assert (await files_in(secret).offer(NOW)).trouble is None


async def test_bundle_of_an_intermediate_authority_alone_is_enough(secret: MountedSecret) -> None:
    issuer = trustme.CA().create_child_ca()
    pair = issuer.issue_cert(NAME)
    secret.put(
        {
            "tls.crt": pair.cert_chain_pems[0].bytes(),
            "tls.key": pair.private_key_pem.bytes(),
            "ca.crt": issuer.cert_pem.bytes(),
        }
    )
    assert (await files_in(secret).offer(NOW)).trouble is None


class Server:
    def __init__(self, secret: MountedSecret, callers: Callers | None) -> None:
        self.clock = WallClock(NOW)
        self.told = Told()
        self.keeper = CertificateKeeper(files_in(secret), callers, [NAME], clock=self.clock, observer=self.told)


async def test_server_that_tells_nobody_is_ready_when_it_serves_what_is_mounted(secret: MountedSecret) -> None:
    secret.put(issued(AUTHORITY, NOW))
    server = Server(secret, None)
    assert await server.keeper.check()
    assert server.keeper.not_ready_reason() is None
    secret.overwrite("tls.key", b"half")
    assert not await server.keeper.check()
    assert server.told.troubles == [Trouble.SOURCE]
    assert server.keeper.not_ready_reason() is None
    remark = server.keeper.remark()
    assert remark is not None
    assert "tls.key" in remark


async def test_bundle_is_told_before_the_certificate_is_changed(secret: MountedSecret) -> None:
    secret.put(issued(AUTHORITY, NOW))
    callers = Callers()
    server = Server(secret, callers)
    await server.keeper.check()
    before = server.keeper.serving.leaf
    secret.put(issued(OTHER_AUTHORITY, NOW))
    await server.keeper.check()
    assert callers.bundle == OTHER_AUTHORITY.certificate_pem
    assert server.keeper.serving.leaf is before
    server.clock.advance(timedelta(seconds=10))
    await server.keeper.check()
    assert server.keeper.serving.leaf is not before


async def test_server_says_that_the_mounted_certificate_has_ended(secret: MountedSecret) -> None:
    secret.put(issued(AUTHORITY, NOW))
    server = Server(secret, None)
    await server.keeper.check()
    server.clock.advance(timedelta(days=7))
    await server.keeper.check()
    assert server.keeper.not_ready_reason() == "no valid serving certificate"
