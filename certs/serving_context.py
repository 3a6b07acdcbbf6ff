"""The TLS side of a server whose certificate changes while it serves."""

from __future__ import annotations

import os
import ssl
from collections.abc import Sequence
from datetime import datetime

from certs.servable import Servable, is_valid, not_covered


class LeafError(Exception):
    """A leaf that cannot be served. The message says why."""


class ServingContext:
    """`context` goes to the server once; `use` may be called at any time after and concerns new connections only.

    Each leaf gets an SSLContext of its own, put in place during the handshake: a load_cert_chain that fails on a live
    context leaves it broken for every later handshake.
    """

    def __init__(self) -> None:
        self.context = _new_context()
        self.context.sni_callback = self._hand_over
        self._current: ssl.SSLContext | None = None
        self._leaf: Servable | None = None

    @property
    def leaf(self) -> Servable | None:
        """The one that new connections get."""
        return self._leaf

    def use(self, leaf: Servable, dns_names: Sequence[str], now: datetime) -> None:
        """Serve this leaf from the next handshake on, if it is in order.

        Raises LeafError, and goes on serving the one before.
        """
        _check(leaf, dns_names, now)
        self._current, self._leaf = context_with(leaf), leaf

    def _hand_over(self, connection: ssl.SSLObject, _name: str | None, _base: ssl.SSLContext) -> int | None:
        """Also called for clients that send no server name."""
        if self._current is None:
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        connection.context = self._current
        return None


def context_with(pair: Servable) -> ssl.SSLContext:
    """A server's context of its own. Raises LeafError."""
    context = _new_context()
    _load(context, pair)
    return context


def _new_context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    # The API server talks HTTP/1.1 to webhooks whatever it is offered (apiserver, util/webhook/client.go).
    context.set_alpn_protocols(["http/1.1"])
    return context


def _check(leaf: Servable, dns_names: Sequence[str], now: datetime) -> None:
    certificate = leaf.certificate
    missing = not_covered(certificate, dns_names)
    if missing:
        raise LeafError(f"it is not for {', '.join(missing)}")
    if not is_valid(certificate, now):
        start, end = certificate.not_valid_before_utc, certificate.not_valid_after_utc
        raise LeafError(f"it is valid from {start} to {end}, not now ({now})")


def _load(context: ssl.SSLContext, leaf: Servable) -> None:
    """OpenSSL loads from a path only; a memory file is one that never touches a disk."""
    descriptor = os.memfd_create("leaf", os.MFD_CLOEXEC)
    try:
        with os.fdopen(os.dup(descriptor), "wb") as file:
            file.write(leaf.pem)
        # With a password, because OpenSSL would ask at the terminal for that of an encrypted key.
        context.load_cert_chain(f"/proc/self/fd/{descriptor}", password="")
    except ssl.SSLError as error:
        raise LeafError(f"key and certificate do not belong together: {error.reason or error}") from error
    finally:
        os.close(descriptor)
