"""Sockets that notice when the other side is gone."""

from __future__ import annotations

import socket
from typing import Any, Final

_OPTIONS: Final = (
    (socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1),
    (socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, 15),
    (socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, 10),
    (socket.IPPROTO_TCP, socket.TCP_KEEPCNT, 3),
    (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, 45_000),
    (socket.IPPROTO_TCP, socket.TCP_NODELAY, 1),
)
"""A node that vanishes closes nothing: else a write to it waits for a quarter of an hour, and a watch for ever."""


def keep_alive_socket(address: tuple[Any, ...]) -> socket.socket:
    """For aiohttp's connector; `address` is what getaddrinfo gives."""
    family, kind, protocol, _, _ = address
    created = socket.socket(family=family, type=kind, proto=protocol)
    for level, option, value in _OPTIONS:
        created.setsockopt(level, option, value)
    return created
