"""Reviews over HTTP: bytes in, an answer out, within limits that all endpoints share."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from time import perf_counter
from typing import Final, Generic, TypeVar

from aiohttp import web
from msgspec import Struct
from structlog.contextvars import bound_contextvars

from webhook.admission.reading import NotAReviewError, read_review
from webhook.admission.review import Review
from webhook.facts.source import UnreadableError
from webhook.gate.gate import NotSyncedError
from webhook.kube.authorization import ReviewError
from webhook.service.body import JSON, RefusedError, read_body
from webhook.service.budget import budget_seconds
from webhook.service.decision_log import log_failure
from webhook.service.metrics import AdmissionMetrics, Stage

MAX_IN_FLIGHT: Final = 64
"""More would only queue: with 64 the slowest of them waits some 10 ms, with 256 more than 50 (measured, reference
webhooks.md 3.2). It also bounds what bodies of the largest size can take: 64 times 7 MiB."""
RETRY_AFTER_SECONDS: Final = 1
_LAST_RESORT_SECONDS: Final = 0.25
"""After the deadline that the judge itself keeps: nobody waits any more for what would come later."""

T = TypeVar("T")
Handler = Callable[[web.Request], Awaitable[web.Response]]


class Endpoint(Struct, Generic[T], frozen=True):
    """What is decided about a review, how that is said, and where it is recorded (with the seconds it took)."""

    decide: Callable[[Review, float], Awaitable[T]]
    """`float` is the deadline, a time of the running loop's clock."""
    answer: Callable[[Review, T], bytes]
    record: Callable[[Review, T, float], None]


class Intake:
    """Takes reviews for all endpoints of the process."""

    def __init__(self, metrics: AdmissionMetrics, max_in_flight: int) -> None:
        self._metrics = metrics
        self._max_in_flight = max_in_flight
        self._in_flight = 0

    def handler(self, endpoint: Endpoint[T]) -> Handler:
        async def handle(request: web.Request) -> web.Response:
            if self._in_flight >= self._max_in_flight:
                self._metrics.failed(Stage.OVERLOAD)
                return _later(f"already judging {self._max_in_flight} reviews; try again").response()
            self._in_flight += 1
            self._metrics.in_flight.inc()
            try:
                return await self._answered(request, endpoint)
            except RefusedError as refusal:
                return refusal.response()
            finally:
                self._in_flight -= 1
                self._metrics.in_flight.dec()

        return handle

    async def _answered(self, request: web.Request, endpoint: Endpoint[T]) -> web.Response:
        started = perf_counter()  # uvloop's own clock ticks in milliseconds, which is what a review takes
        deadline = asyncio.get_running_loop().time() + budget_seconds(request.query.get("timeout"))
        review = await self._review(request, deadline)
        decided, body = await self._decided(endpoint, review, deadline)
        endpoint.record(review, decided, perf_counter() - started)
        return web.Response(body=body, content_type=JSON)

    async def _review(self, request: web.Request, deadline: float) -> Review:
        try:
            body = await read_body(request, deadline)
        except RefusedError:
            self._metrics.failed(Stage.BODY)
            raise
        try:
            return read_review(body)
        except NotAReviewError as error:
            self._metrics.failed(Stage.REVIEW)
            raise RefusedError(400, str(error)) from error

    async def _decided(self, endpoint: Endpoint[T], review: Review, deadline: float) -> tuple[T, bytes]:
        """A failure of our own is HTTP 500, so that failurePolicy decides; a verdict is never made up after one."""
        try:
            with bound_contextvars(uid=review.uid):
                async with asyncio.timeout_at(deadline + _LAST_RESORT_SECONDS):
                    decided = await endpoint.decide(review, deadline)
            return decided, endpoint.answer(review, decided)
        except NotSyncedError as error:
            self._metrics.failed(Stage.NOT_SYNCED)
            raise _later(f"not ready: {error}; try again") from error
        except TimeoutError as error:
            self._metrics.failed(Stage.TIMEOUT)
            log_failure(review, error, reason="not judged within the caller's timeout")
            raise RefusedError(504, f"review {review.uid} was not judged within the caller's timeout") from error
        except UnreadableError as error:
            self._metrics.failed(Stage.UNREADABLE)
            log_failure(review, error, reason=str(error))
            raise RefusedError(500, f"review {review.uid} cannot be judged: {error}") from error
        except ReviewError as error:
            self._metrics.failed(Stage.PERMISSIONS)
            log_failure(review, error)
            raise RefusedError(500, f"review {review.uid}: permissions could not be checked: {error}") from error
        except Exception as error:
            self._metrics.failed(Stage.INTERNAL)
            log_failure(review, error)
            raise RefusedError(500, f"review {review.uid} met a defect of Snapgate; its log has the details") from error


def _later(text: str) -> RefusedError:
    """The API server retries a 503 with Retry-After until its own timeout (client-go, rest/with_retry.go)."""
    return RefusedError(503, text, retry_after_seconds=RETRY_AFTER_SECONDS)
