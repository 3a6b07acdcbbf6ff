from __future__ import annotations

import msgspec
import pytest

from tests.support.fake_api_server import status
from webhook.kube.errors import (
    AlreadyExistsError,
    ApiError,
    ConflictError,
    ExpiredError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
    TooManyRequestsError,
    UnauthorizedError,
    error_from,
    error_in_stream,
)


@pytest.mark.parametrize(
    ("code", "reason", "error_type"),
    [
        (400, "BadRequest", ApiError),
        (401, "Unauthorized", UnauthorizedError),
        (403, "Forbidden", ForbiddenError),
        (404, "NotFound", NotFoundError),
        (409, "AlreadyExists", AlreadyExistsError),
        (409, "Conflict", ConflictError),
        (410, "Gone", ExpiredError),
        (422, "Invalid", InvalidError),
        (429, "TooManyRequests", TooManyRequestsError),
        (500, "InternalError", ApiError),
    ],
)
def test_a_status_becomes_the_error_of_its_code_and_reason(code: int, reason: str, error_type: type[ApiError]) -> None:
    error = error_from(code, msgspec.json.encode(status(code, reason, "why")), {})
    assert (type(error), error.status, error.reason, error.message) == (error_type, code, reason, "why")


def test_a_text_body_is_the_message_and_its_header_says_how_long_to_wait() -> None:
    error = error_from(429, b"Too many requests, please try again later.\n", {"Retry-After": "7"})
    assert isinstance(error, TooManyRequestsError)
    assert (error.message, error.retry_after) == ("Too many requests, please try again later.", 7.0)


def test_an_empty_body_still_gives_a_message() -> None:
    assert error_from(503, b"", {}).message == "the API server answered 503 without a reason"


def test_the_status_says_how_long_to_wait_before_the_header_does() -> None:
    body = msgspec.json.encode({"kind": "Status", "details": {"retryAfterSeconds": 3}})
    assert error_from(429, body, {"Retry-After": "9"}).retry_after == 3.0


def test_a_retry_after_date_is_ignored() -> None:
    assert error_from(503, b"", {"Retry-After": "Wed, 21 Oct 2026 07:28:00 GMT"}).retry_after is None


@pytest.mark.parametrize("body", [b'{"kind": "Status", "message": null}', b"[1]", b"null", b'{"kind": 3}'])
def test_a_strange_body_is_no_crash(body: bytes) -> None:
    assert error_from(500, body, {}).status == 500


def test_an_error_event_without_a_code_is_a_server_error() -> None:
    assert error_in_stream(b'{"kind": "Status"}').status == 500


def test_an_expired_error_event_is_recognised() -> None:
    assert isinstance(error_in_stream(msgspec.json.encode(status(410, "Expired"))), ExpiredError)
