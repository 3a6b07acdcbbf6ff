"""Whether a caller would accept a certificate: asked by being one, in memory."""

from __future__ import annotations

import ssl
from typing import Final

_ROUNDS: Final = 10
"""A TLS handshake takes three."""


class NotTrustedError(Exception):
    """A caller that trusts these authorities would refuse. The message says why."""


def check_trust(server: ssl.SSLContext, authorities_pem: str, name: str) -> None:
    """Connect to `server` as `name`, trusting only these authorities. Raises NotTrustedError.

    An authority need not be self-signed: the API server takes whatever the bundle holds for one (Go, crypto/x509).
    """
    caller = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    caller.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    try:
        caller.load_verify_locations(cadata=authorities_pem)
    except (ssl.SSLError, ValueError) as error:
        raise NotTrustedError(f"no PEM certificates: {error}") from error
    to_server, to_caller = ssl.MemoryBIO(), ssl.MemoryBIO()
    near = caller.wrap_bio(to_caller, to_server, server_hostname=name)
    far = server.wrap_bio(to_server, to_caller, server_side=True)
    for _ in range(_ROUNDS):
        if _step(near) and _step(far):
            return
        _step(far)
    raise NotTrustedError("the handshake does not end")


def _step(side: ssl.SSLObject) -> bool:
    """Whether this side is done."""
    try:
        side.do_handshake()
    except ssl.SSLWantReadError:
        return False
    except ssl.SSLCertVerificationError as error:
        raise NotTrustedError(error.verify_message) from error
    except ssl.SSLError as error:
        raise NotTrustedError(error.reason or str(error)) from error
    return True
