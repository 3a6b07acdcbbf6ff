"""The body of a request, or the answer to one that cannot be taken."""

from __future__ import annotations

import asyncio
from typing import Final

from aiohttp import web
from aiohttp.web_protocol import RequestPayloadError

from webhook.admission.reading import MAX_REVIEW_BYTES

JSON: Final = "application/json"


class RefusedError(Exception):
    """The request gets no judgement. Status and text tell its sender what to change."""

    def __init__(self, status: int, text: str, *, retry_after_seconds: int | None = None) -> None:
        super().__init__(text)
        self.status = status
        self.text = text
        self.retry_after_seconds = retry_after_seconds

    def response(self) -> web.Response:
        """Plain text: the API server shows it to the user as it is (client-go, rest/request.go).

        An answer to be retried closes the connection, so that the caller dials again and may reach another replica.
        """
        response = web.Response(status=self.status, text=self.text + "\n")
        if self.retry_after_seconds is not None:
            response.headers["Retry-After"] = str(self.retry_after_seconds)
            response.force_close()
        return response


async def read_body(request: web.Request, deadline: float) -> bytes:
    """Raises RefusedError. `deadline` is a time of the running loop's clock."""
    if request.content_type != JSON:
        raise RefusedError(415, f"send an AdmissionReview as {JSON}, not as {request.content_type}")
    if request.content_length is not None and request.content_length > MAX_REVIEW_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout_at(deadline):
            body = await request.read()
    except web.HTTPRequestEntityTooLarge as error:
        raise _too_large() from error
    except TimeoutError as error:
        raise RefusedError(408, "the body did not arrive before the caller's timeout") from error
    except (RequestPayloadError, OSError) as error:
        raise RefusedError(400, f"the body broke off: {error}") from error
    return body


def _too_large() -> RefusedError:
    return RefusedError(
        413,
        f"the body is over {MAX_REVIEW_BYTES // (1024 * 1024)} MiB, more than two objects of the largest size that "
        "the API server accepts",
    )
