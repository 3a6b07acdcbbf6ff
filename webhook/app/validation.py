"""The validation service beside the webhook: the same facts, policy and certificates, on a port of its own."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import CollectorRegistry

from webhook.app.settings import WebhookSettings
from webhook.findings.policy import CurrentPolicy
from webhook.gate.gate import Gate
from webhook.kube.authorization import Reviews
from webhook.service.caller import Callers
from webhook.service.listening import listening
from webhook.service.validation import validation_application
from webhook.service.validation_metrics import ValidationMetrics


def validation_service(
    settings: WebhookSettings, gate: Gate, policy: CurrentPolicy, reviews: Reviews, registry: CollectorRegistry
) -> web.Application:
    audiences = [each.strip() for each in settings.validation_audiences.split(",") if each.strip()]
    return validation_application(gate, policy, Callers(reviews, audiences), ValidationMetrics(registry))


@asynccontextmanager
async def validating(
    settings: WebhookSettings, application: web.Application, ssl_context: ssl.SSLContext
) -> AsyncIterator[None]:
    """Listens until left, unless its port is 0."""
    if settings.validation_port == 0:
        yield
        return
    async with listening(application, host=settings.host, port=settings.validation_port, ssl_context=ssl_context):
        yield
