"""Where the webhook's certificate comes from, and who tells the API server to trust it."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Sequence
from typing import Final

from prometheus_client import CollectorRegistry

from certs.files import CertificateFiles
from certs.keeper import CHECK_SECONDS, CertificateKeeper
from certs.leaf import service_names
from certs.self_managed import SelfManaged
from certs.source import CertificateSource
from webhook.app.alarm import Alarm
from webhook.app.certificates import (
    MUTATING_WEBHOOK_CONFIGURATION,
    VALIDATING_WEBHOOK_CONFIGURATION,
    BundleInConfigurations,
    Registration,
    SecretInCluster,
)
from webhook.app.clock import wall_clock
from webhook.app.object_watch import ObjectWatch
from webhook.app.settings import CertificateMode, WebhookSettings
from webhook.kube.client import Client
from webhook.service.certificate_metrics import CertificateMetrics

VALIDATING_WEBHOOKS: Final = ("validate.snapgate.io", "content.snapgate.io")
MUTATING_WEBHOOK: Final = "mutate.snapgate.io"
FILE_CHECK_SECONDS: Final = 10.0
"""Reading three small files costs nothing, and nobody is asked."""


class Certificates:
    """A keeper, and the watches that wake it when someone changes a configuration that it has told whom to trust."""

    def __init__(self, keeper: CertificateKeeper, watches: Sequence[ObjectWatch]) -> None:
        self._keeper = keeper
        self._watches = tuple(watches)

    @property
    def context(self) -> ssl.SSLContext:
        return self._keeper.serving.context

    def not_ready_reason(self) -> str | None:
        return self._keeper.not_ready_reason()

    def remark(self) -> str | None:
        return self._keeper.remark()

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self._keeper.run(), name="certificates")
            for watch in self._watches:
                group.create_task(watch.run(), name="watch webhook configuration")


def certificates(settings: WebhookSettings, client: Client, registry: CollectorRegistry) -> Certificates:
    alarm = Alarm()
    registrations = _registrations(settings) if _is_told_by_us(settings) else []
    self_managed = settings.certificates is CertificateMode.SELF_MANAGED
    keeper = CertificateKeeper(
        _source(settings, client),
        BundleInConfigurations(client, registrations, clock=wall_clock) if registrations else None,
        _names(settings),
        clock=wall_clock,
        observer=CertificateMetrics(registry),
        pause=alarm.pause,
        check_seconds=CHECK_SECONDS if self_managed else FILE_CHECK_SECONDS,
    )
    watches = [
        ObjectWatch(client, each.kind, each.configuration, alarm.ring, random=random.random) for each in registrations
    ]
    return Certificates(keeper, watches)


def _is_told_by_us(settings: WebhookSettings) -> bool:
    """cert-manager's cainjector writes the bundle itself; two writers would take turns."""
    match settings.certificates:
        case CertificateMode.SELF_MANAGED:
            return True
        case CertificateMode.CERT_MANAGER:
            return False
        case CertificateMode.EXISTING_SECRET:
            return settings.inject_ca_bundle


def _source(settings: WebhookSettings, client: Client) -> CertificateSource:
    if settings.certificates is CertificateMode.SELF_MANAGED:
        store = SecretInCluster(client, settings.namespace, settings.authority_secret)
        return SelfManaged(store, _names(settings), chance=random.Random())
    return CertificateFiles(settings.certificate_directory, _names(settings))


def _names(settings: WebhookSettings) -> tuple[str, ...]:
    """Of certificates that others issue, only the name that the API server asks for is demanded."""
    names = service_names(settings.service, settings.namespace)
    return names if settings.certificates is CertificateMode.SELF_MANAGED else names[:1]


def _registrations(settings: WebhookSettings) -> list[Registration]:
    validating = Registration(VALIDATING_WEBHOOK_CONFIGURATION, settings.configuration, VALIDATING_WEBHOOKS)
    mutating = Registration(MUTATING_WEBHOOK_CONFIGURATION, settings.configuration, (MUTATING_WEBHOOK,))
    return [validating, mutating] if settings.mutating else [validating]
