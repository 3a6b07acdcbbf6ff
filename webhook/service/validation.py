"""POST /v1/validate: what `snapgate validate` says, over HTTP, from the facts and the policy of the webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from time import perf_counter
from typing import Any, Final

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from webhook.admission.judged import JUDGED
from webhook.admission.review import Review, UserInfo
from webhook.api.kind import Kind
from webhook.facts.user import User
from webhook.findings.policy import CurrentPolicy
from webhook.gate.gate import NotSyncedError
from webhook.kube.authorization import ReviewError
from webhook.service.caller import Callers
from webhook.service.openapi import openapi
from webhook.service.posted_body import read_posted_body
from webhook.service.problem import ProblemError
from webhook.service.validation_metrics import ValidationMetrics
from webhook.validation.dialect import expected_dialect
from webhook.validation.gated import Judge, outcome_of, through
from webhook.validation.judgement import Judgement, Outcome
from webhook.validation.posted import MAX_POSTED_BYTES, NotPostableError, Posted, read_posted
from webhook.validation.result import results_of

VALIDATE_PATH: Final = "/v1/validate"
OPENAPI_PATH: Final = "/openapi.json"
MAX_IN_FLIGHT: Final = 8
"""Reviews of the API server come first, on the same event loop."""
DEADLINE_SECONDS: Final = 10.0
_MARGIN_SECONDS: Final = 1.0
"""Of the deadline, for what comes after the last confirmation."""
_READERS: Final = 2
"""Threads that parse and check shapes, which takes up to a second at the limits."""
_RETRY_AFTER_SECONDS: Final = 1
_DEFAULT_NAMESPACE: Final = "default"

_log = structlog.get_logger()


def validation_application(
    gate: Judge,
    policy: CurrentPolicy,
    callers: Callers,
    metrics: ValidationMetrics,
    *,
    max_in_flight: int = MAX_IN_FLIGHT,
    deadline_seconds: float = DEADLINE_SECONDS,
) -> web.Application:
    service = _Service(gate, policy, callers, metrics, max_in_flight, deadline_seconds)
    application = web.Application(client_max_size=MAX_POSTED_BYTES, middlewares=[_problems])
    application.router.add_post(VALIDATE_PATH, service.validate)
    application.router.add_get(OPENAPI_PATH, _document)
    application.cleanup_ctx.append(service.readers)
    return application


async def _document(_: web.Request) -> web.Response:
    return web.json_response(openapi())


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """aiohttp's own refusals, of paths and methods, in the form of all others."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        response = ProblemError(error.status, f"there is only POST {VALIDATE_PATH} and GET {OPENAPI_PATH}").response()
        if "Allow" in error.headers:
            response.headers["Allow"] = error.headers["Allow"]
        return response


class _Service:
    def __init__(
        self,
        gate: Judge,
        policy: CurrentPolicy,
        callers: Callers,
        metrics: ValidationMetrics,
        max_in_flight: int,
        deadline_seconds: float,
    ) -> None:
        self._gate = gate
        self._policy = policy
        self._callers = callers
        self._metrics = metrics
        self._max_in_flight = max_in_flight
        self._deadline_seconds = deadline_seconds
        self._in_flight = 0
        self._readers = ThreadPoolExecutor(_READERS, thread_name_prefix="validation")

    async def readers(self, _: web.Application) -> AsyncIterator[None]:
        yield
        self._readers.shutdown(wait=False, cancel_futures=True)

    async def validate(self, request: web.Request) -> web.Response:
        started = perf_counter()
        outcomes: list[Outcome] = []
        self._in_flight += 1
        self._metrics.in_flight.inc()
        try:
            if self._in_flight > self._max_in_flight:
                raise _later(f"already answering {self._max_in_flight} calls; try again")
            outcomes = await self._outcomes(request)
            response = web.json_response(text=results_of(outcomes).model_dump_json())
        except ProblemError as problem:
            response = problem.response()
        except Exception as error:  # noqa: BLE001 - a defect of ours; the caller gets no verdict
            _log.error("validation failed", exc_info=error)
            response = ProblemError(500, "this met a defect of Snapgate; its log has the details").response()
        finally:
            self._in_flight -= 1
            self._metrics.in_flight.dec()
        self._metrics.answered(response.status, perf_counter() - started, outcomes)
        return response

    async def _outcomes(self, request: web.Request) -> list[Outcome]:
        """Raises ProblemError."""
        deadline = asyncio.get_running_loop().time() + self._deadline_seconds
        try:
            async with asyncio.timeout_at(deadline):
                user = await self._callers.caller(request)
                body, written_in = await read_posted_body(request)
                posted = await self._read(body, written_in)
                await self._callers.must_be_allowed(user, _asked_about(posted))
                outcomes = await self._judged(posted, user, deadline - _MARGIN_SECONDS)
        except TimeoutError as error:
            raise ProblemError(
                504, f"this took longer than {self._deadline_seconds:g} s; send fewer objects at once"
            ) from error
        except NotSyncedError as error:
            raise _later(f"not ready: {error}; try again") from error
        except ReviewError as error:
            raise _later(f"the API server could not be asked about permissions: {error}; try again") from error
        _log.info("validated", user=user.username, verdicts=[str(outcome.verdict) for outcome in outcomes])
        return outcomes

    async def _read(self, body: bytes, written_in: Any) -> Posted:
        dialect = expected_dialect(self._policy().installation)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._readers, read_posted, body, written_in, _DEFAULT_NAMESPACE, dialect)
        except NotPostableError as error:
            raise ProblemError(400, "the body cannot be checked", errors=error.reasons) from error

    async def _judged(self, posted: Posted, user: User, deadline: float) -> list[Outcome]:
        asking = UserInfo(user.username, user.uid, user.groups, dict(user.extra))
        if posted.review is not None:
            review, document = posted.review
            outcome = await outcome_of(self._gate, review, asking, document, deadline)
            return [outcome] if outcome is not None else []
        policy = self._policy().for_user(user.username, user.groups)
        judgement = Judgement(through(self._gate, policy, asking, deadline), policy, _DEFAULT_NAMESPACE)
        return [await judgement.of(document, form) for document, form in posted.documents]


def _asked_about(posted: Posted) -> Iterable[tuple[Kind[Any], str]]:
    """What the answers tell of; a document whose kind is in doubt tells of nothing."""
    if posted.review is not None:
        yield from _in_review(posted.review[0])
    for _, form in posted.documents:
        if form.kind is not None:
            yield form.kind, form.subject.namespace


def _in_review(review: Review) -> Iterable[tuple[Kind[Any], str]]:
    kind = JUDGED.get(review.kind)
    if kind is not None:
        yield kind, review.namespace or ""


def _later(text: str) -> ProblemError:
    return ProblemError(503, text, retry_after_seconds=_RETRY_AFTER_SECONDS)
