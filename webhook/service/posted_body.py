"""The body of a call to the validation service, or the answer to one that cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from webhook.service.problem import ProblemError
from webhook.validation.posted import MAX_POSTED_BYTES, Format

FORMATS: Final[Mapping[str, Format]] = {
    "application/json": Format.JSON,
    "application/yaml": Format.YAML,
    "application/x-yaml": Format.YAML,
    "text/yaml": Format.YAML,
}
"""application/yaml since RFC 9512; the others are still in use."""


async def read_posted_body(request: web.Request) -> tuple[bytes, Format]:
    """Raises ProblemError: 400, 413, 415."""
    written_in = FORMATS.get(request.content_type)
    if written_in is None:
        raise ProblemError(415, f"send {' or '.join(FORMATS)}, not {request.content_type[:100]}")
    if request.content_length is not None and request.content_length > MAX_POSTED_BYTES:
        raise _too_large()
    try:
        return await request.read(), written_in
    except web.HTTPRequestEntityTooLarge as error:
        raise _too_large() from error
    except (RequestPayloadError, OSError) as error:
        raise ProblemError(400, f"the body broke off: {error}") from error


def _too_large() -> ProblemError:
    return ProblemError(413, f"the body is over {MAX_POSTED_BYTES // (1024 * 1024)} MiB; send fewer objects at once")
