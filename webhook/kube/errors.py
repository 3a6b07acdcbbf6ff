"""What the API server answers when it does not do what was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import msgspec

_LONGEST_TEXT: Final = 500
"""Proxies in front of an API server answer with whole HTML pages."""


class ApiError(Exception):
    """The API server answered, and did not do it."""

    def __init__(self, status: int, reason: str, message: str, retry_after: float | None = None) -> None:
        super().__init__(f"{message} ({status} {reason})" if reason else f"{message} ({status})")
        self.status = status
        self.reason = reason
        self.message = message
        self.retry_after = retry_after
        """Seconds the server asks to wait before the next try."""


class NotFoundError(ApiError):
    """404: neither the object nor, when the CRD is missing, its whole kind."""


class NotServedError(NotFoundError):
    """404 from a path that leads nowhere: the API server has no such kind."""


class AlreadyExistsError(ApiError):
    """409 on create: the name is taken."""


class ConflictError(ApiError):
    """409 on a write: the object has changed, or a precondition does not hold."""


class ExpiredError(ApiError):
    """410: the resourceVersion or the continue token is too old; list again."""


class InvalidError(ApiError):
    """422: schema, CEL or an admission webhook refused it."""


class ForbiddenError(ApiError):
    """403: authorization, quota, or a namespace that is terminating."""


class TooManyRequestsError(ApiError):
    """429: the server is busy, or starting."""


class UnauthorizedError(ApiError):
    """401: credentials missing, expired or unknown, also after they were read again."""


class UnreachableError(Exception):
    """No answer: refused, reset, timed out. Whether a write was applied is unknown."""


class ConnectError(UnreachableError):
    """There is no usable way to an API server. The message says what was tried; nothing was sent."""


class _Details(msgspec.Struct):
    retry_after_seconds: float | None = msgspec.field(name="retryAfterSeconds", default=None)


class _Status(msgspec.Struct):
    """metav1.Status."""

    kind: str = ""
    code: int | None = None
    reason: str | None = None
    message: str | None = None
    details: _Details | None = None


_BY_STATUS: Final[dict[int, tuple[type[ApiError], str]]] = {
    401: (UnauthorizedError, "Unauthorized"),
    403: (ForbiddenError, "Forbidden"),
    404: (NotFoundError, "NotFound"),
    409: (ConflictError, "Conflict"),
    410: (ExpiredError, "Expired"),
    422: (InvalidError, "Invalid"),
    429: (TooManyRequestsError, "TooManyRequests"),
}


def error_from(status: int, body: bytes, headers: Mapping[str, str]) -> ApiError:
    """The error in an HTTP answer: a Status, or text, as the API server sends with 429 before it reads the request."""
    decoded = _status_in(body)
    details = decoded.details or _Details()
    error_type, standard_reason = _BY_STATUS.get(status, (ApiError, ""))
    reason = decoded.reason or standard_reason
    if status == 404 and not decoded.kind:
        error_type = NotServedError  # a missing object comes with a Status, an unknown path with plain text
    if status == 409 and reason == "AlreadyExists":
        error_type = AlreadyExistsError
    return error_type(
        status,
        reason,
        decoded.message or _text_of(body) or f"the API server answered {status} without a reason",
        _header_seconds(headers) if details.retry_after_seconds is None else details.retry_after_seconds,
    )


def error_in_stream(raw: bytes | msgspec.Raw) -> ApiError:
    """The error in an ERROR event of a watch; 500 when it does not say."""
    return error_from(_status_in(raw).code or 500, bytes(raw), {})


def _status_in(body: bytes | msgspec.Raw) -> _Status:
    try:
        decoded = msgspec.json.decode(body, type=_Status)
    except msgspec.DecodeError:
        return _Status()
    return decoded if decoded.kind == "Status" else _Status()


def _text_of(body: bytes) -> str:
    return body.decode("utf-8", "replace").strip()[:_LONGEST_TEXT]


def _header_seconds(headers: Mapping[str, Any]) -> float | None:
    """Retry-After in seconds; the API server never sends the other form, a date."""
    value = str(headers.get("Retry-After", ""))
    return float(value) if value.isascii() and value.isdigit() else None
