"""POST /mutate and POST /validate, as the API server calls them."""

from __future__ import annotations

from typing import Final, Protocol

from aiohttp import web

from webhook.admission.mutation import Mutation, mutation
from webhook.admission.reading import MAX_REVIEW_BYTES
from webhook.admission.review import Review
from webhook.gate.verdict import Verdict
from webhook.service.answer import answer, mutation_answer
from webhook.service.decision_log import log_decision, log_mutation
from webhook.service.intake import MAX_IN_FLIGHT, Endpoint, Intake
from webhook.service.metrics import AdmissionMetrics

VALIDATE_PATH: Final = "/validate"
MUTATE_PATH: Final = "/mutate"


class Judge(Protocol):
    async def judge(self, review: Review, *, deadline: float) -> Verdict: ...


def admission_application(
    gate: Judge,
    metrics: AdmissionMetrics,
    *,
    max_in_flight: int = MAX_IN_FLIGHT,
) -> web.Application:
    intake = Intake(metrics, max_in_flight)
    application = web.Application(client_max_size=MAX_REVIEW_BYTES)
    application.router.add_post(VALIDATE_PATH, intake.handler(_validation(gate, metrics)))
    application.router.add_post(MUTATE_PATH, intake.handler(_mutation(metrics)))
    return application


def _validation(gate: Judge, metrics: AdmissionMetrics) -> Endpoint[Verdict]:
    async def decide(review: Review, deadline: float) -> Verdict:
        return await gate.judge(review, deadline=deadline)

    def record(review: Review, verdict: Verdict, seconds: float) -> None:
        metrics.answered(review, verdict, seconds)
        log_decision(review, verdict, seconds)

    return Endpoint(decide, answer, record)


def _mutation(metrics: AdmissionMetrics) -> Endpoint[Mutation]:
    async def decide(review: Review, _deadline: float) -> Mutation:
        return mutation(review)

    def record(review: Review, mutated: Mutation, seconds: float) -> None:
        metrics.mutated(review, mutated, seconds)
        log_mutation(review, mutated, seconds)

    return Endpoint(decide, mutation_answer, record)
