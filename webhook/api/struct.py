"""The base of everything that has a place in a Kubernetes object."""

from __future__ import annotations

import msgspec


class ApiStruct(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True, gc=False):
    """Immutable, camelCase on the wire, unknown members ignored.

    Not tracked by the garbage collector: the watch cache holds them by the hundred thousand, and a full collection over
    that many containers stops the process for hundreds of milliseconds. Nothing here can form a cycle.
    """
