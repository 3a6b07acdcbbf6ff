"""Why a watch ended, and what follows from it."""

from __future__ import annotations

from typing import Final

from webhook.kube.errors import ApiError, ExpiredError, TooManyRequestsError, UnauthorizedError, UnreachableError
from webhook.kube.transport import SilentError

_REASONS: Final[tuple[tuple[type[Exception], str], ...]] = (
    (SilentError, "silent"),
    (UnreachableError, "unreachable"),
    (ExpiredError, "expired"),
    (UnauthorizedError, "unauthorized"),
    (TooManyRequestsError, "busy"),
    (ApiError, "refused"),
)
_CLOSED: Final = "closed"
_SERVER_ERROR: Final = "server-error"
_UNDECODABLE: Final = "undecodable"
RESTART_REASONS: Final = (_CLOSED, _SERVER_ERROR, *(reason for _, reason in _REASONS), _UNDECODABLE)


def reason_for(error: Exception | None) -> str:
    """A metric's label, so one of RESTART_REASONS."""
    if error is None:
        return _CLOSED
    if isinstance(error, ApiError) and error.status >= 500:
        return _SERVER_ERROR
    return next((reason for error_type, reason in _REASONS if isinstance(error, error_type)), _UNDECODABLE)


def must_list_again(error: Exception | None) -> bool:
    """Whether the position in the stream is lost or in doubt.

    Not after a lost connection or a busy server: a list of everything is the last thing that one needs.
    """
    match error:
        case None | UnreachableError() | UnauthorizedError() | TooManyRequestsError():
            return False
        case ApiError(status=503):
            return False
        case _:
            return True
