"""The last answer on a connection."""

from __future__ import annotations

from aiohttp import hdrs, web


def close_with(response: web.StreamResponse) -> None:
    """For `on_response_prepare`, which runs when aiohttp has already derived the Connection header from force_close
    (web_response.py, _start): without both, the connection would close and nobody be told."""
    response.headers[hdrs.CONNECTION] = "close"
    response.force_close()
