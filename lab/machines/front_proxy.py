"""Who is calling, as the API server's front proxy says.

The headers prove nothing by themselves. They are read only from connections whose client certificate the front-proxy
authority signed, and the TLS context below refuses any other (Kubernetes, "Authenticating Proxy").
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from lab.machines.refusal import unauthorized

_USER: Final = "x-remote-user"
_GROUP: Final = "x-remote-group"
_EXTRA: Final = "x-remote-extra-"


@dataclass(frozen=True, slots=True)
class Caller:
    user: str
    groups: tuple[str, ...] = ()
    extra: Mapping[str, list[str]] = field(default_factory=dict)


def caller_from(headers: Iterable[tuple[str, str]]) -> Caller:
    """Raises RefusedError when the proxy names nobody."""
    lowered = [(name.lower(), value) for name, value in headers]
    user = next((value for name, value in lowered if name == _USER), "")
    if not user:
        raise unauthorized("the request names no user; call the Kubernetes API server, not this address")
    extra: dict[str, list[str]] = {}
    for name, value in lowered:
        if name.startswith(_EXTRA):
            extra.setdefault(unquote(name.removeprefix(_EXTRA)), []).append(value)
    return Caller(user, tuple(value for name, value in lowered if name == _GROUP), extra)


def front_proxy_tls(certificate: Path, key: Path, front_proxy_authority: Path) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=front_proxy_authority)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    return context
