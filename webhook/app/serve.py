"""The webhook process."""

from __future__ import annotations

import random
import time
from functools import partial

import structlog

from webhook.app.certificate_modes import certificates
from webhook.app.lifecycle import until_told_to_stop
from webhook.app.policy_keeper import policy_keeper
from webhook.app.readiness import of_inventory
from webhook.app.registry import process_registry
from webhook.app.settings import EXIT_SECONDS, FINISH_SECONDS, WebhookSettings
from webhook.app.validation import validating, validation_service
from webhook.app.watched import FOR_DECISIONS, inventory_over
from webhook.gate.gate import Gate
from webhook.inventory.live import read_live
from webhook.kube.authorization import Reviews
from webhook.kube.connect import connect
from webhook.service.admission import admission_application
from webhook.service.connection_lifetime import ConnectionLifetime
from webhook.service.drain import Drain, DrainSettings
from webhook.service.heartbeat import Heartbeat
from webhook.service.listening import listening
from webhook.service.metrics import AdmissionMetrics
from webhook.service.probes import probe_application

_log = structlog.get_logger(__name__)


async def serve(settings: WebhookSettings) -> None:
    """Answer reviews until SIGTERM or SIGINT."""
    registry = process_registry()
    policy = policy_keeper(settings, registry)
    client = await connect(kubeconfig=settings.kubeconfig)
    inventory = inventory_over(client, FOR_DECISIONS, registry)
    asking = Reviews(client, clock=time.monotonic)
    gate = Gate(inventory, policy.current, partial(read_live, client), asking, executors=settings.executors)
    serving = certificates(settings, client, registry)
    reviews = admission_application(gate, AdmissionMetrics(registry), max_in_flight=settings.max_in_flight)
    drain = Drain(_drain_settings(settings))
    validations = validation_service(settings, gate, policy.current, asking, registry)
    lifetime = ConnectionLifetime(settings.connection_seconds, random=random.random)
    for application in (reviews, validations):
        drain.watch(application)
        lifetime.watch(application)
    heartbeat = Heartbeat(registry)
    probes = probe_application(
        registry,
        [drain.not_ready_reason, of_inventory(inventory), serving.not_ready_reason],
        policy.describe,
        remarks=[serving.remark],
        liveness=[heartbeat.not_alive_reason],
    )
    try:
        async with (
            listening(probes, host=settings.host, port=settings.probe_port),
            listening(reviews, host=settings.host, port=settings.port, ssl_context=serving.context),
            validating(settings, validations, serving.context),
        ):
            _log.info("listening", host=settings.host, port=settings.port)
            await until_told_to_stop(heartbeat.run(), inventory.run(), serving.run(), policy.run(), leave=drain.run)
    finally:
        await client.close()


def _drain_settings(settings: WebhookSettings) -> DrainSettings:
    return DrainSettings(
        wait_seconds=settings.drain_seconds,
        quiet_seconds=settings.drain_quiet_seconds,
        longest_seconds=settings.grace_seconds - FINISH_SECONDS - EXIT_SECONDS,
    )
