"""The webhook process."""

from __future__ import annotations

import random
from functools import partial
from typing import Final

import structlog
from prometheus_client import CollectorRegistry

from certs.keeper import CertificateKeeper
from certs.leaf import service_names
from webhook.app.certificates import (
    MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_WEBHOOK_CONFIGURATION,
    BundleInConfigurations,
    Registration,
    SecretInCluster,
)
from webhook.app.clock import wall_clock
from webhook.app.lifecycle import until_told_to_stop
from webhook.app.policy_keeper import policy_keeper
from webhook.app.readiness import of_inventory
from webhook.app.settings import WebhookSettings
from webhook.app.watched import FOR_DECISIONS, inventory_over
from webhook.gate.gate import Gate
from webhook.inventory.live import read_live
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.service.admission import admission_application
from webhook.service.listening import listening
from webhook.service.metrics import AdmissionMetrics
from webhook.service.probes import probe_application

VALIDATING_WEBHOOKS: Final = ("validate.snapgate.io", "content.snapgate.io")
MUTATING_WEBHOOK: Final = "mutate.snapgate.io"

_log = structlog.get_logger(__name__)


async def serve(settings: WebhookSettings) -> None:
    """Answer reviews until SIGTERM or SIGINT."""
    registry = CollectorRegistry()
    policy = policy_keeper(settings, registry)
    client = await connect(kubeconfig=settings.kubeconfig)
    inventory = inventory_over(client, FOR_DECISIONS, registry)
    gate = Gate(inventory, policy.current, partial(read_live, client))
    keeper = _keeper(settings, client)
    reviews = admission_application(gate, AdmissionMetrics(registry), max_in_flight=settings.max_in_flight)
    probes = probe_application(registry, [of_inventory(inventory), keeper.not_ready_reason], policy.describe)
    try:
        async with (
            listening(probes, host=settings.host, port=settings.probe_port),
            listening(reviews, host=settings.host, port=settings.port, ssl_context=keeper.serving.context),
        ):
            _log.info("listening", host=settings.host, port=settings.port)
            await until_told_to_stop(inventory.run(), keeper.run(), policy.run())
    finally:
        await client.close()


def _keeper(settings: WebhookSettings, client: Client) -> CertificateKeeper:
    return CertificateKeeper(
        SecretInCluster(client, settings.namespace, settings.authority_secret),
        BundleInConfigurations(client, _registrations(settings)),
        service_names(settings.service, settings.namespace),
        clock=wall_clock,
        chance=random.Random(),
    )


def _registrations(settings: WebhookSettings) -> list[Registration]:
    validating = Registration(VALIDATING_WEBHOOK_CONFIGURATION, settings.configuration, VALIDATING_WEBHOOKS)
    mutating = Registration(MUTATING_WEBHOOK_CONFIGURATION, settings.configuration, (MUTATING_WEBHOOK,))
    return [validating, mutating] if settings.mutating else [validating]
