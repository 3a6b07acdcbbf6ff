"""The reconciler process."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from contextlib import suppress
from uuid import uuid4

import structlog

from webhook.app.clock import wall_clock
from webhook.app.coexistence import Coexistence
from webhook.app.lifecycle import until_told_to_stop
from webhook.app.policy_keeper import policy_keeper
from webhook.app.readiness import of_inventory
from webhook.app.registry import process_registry
from webhook.app.settings import EXIT_SECONDS, ReconcilerProcessSettings
from webhook.app.watched import FOR_EXECUTION, inventory_over
from webhook.findings.policy import CurrentPolicy
from webhook.inventory.inventory import Inventory
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.election import Elector
from webhook.kube.election_settings import election_settings
from webhook.kube.events import EventRecorder
from webhook.kube.lease import LeaseLock
from webhook.kube.watchdog import ProcessWatchdog
from webhook.machines.platform import PlatformMachines
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.controller import Controller
from webhook.reconciler.kinds.reconciled import reconcilers
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.object_metrics import ObjectMetrics
from webhook.reconciler.queue import WorkQueue
from webhook.reconciler.restorable_sweep import RestorableSweep
from webhook.reconciler.settings import ReconcilerSettings
from webhook.reconciler.writes import ApiWrites
from webhook.service.heartbeat import Heartbeat
from webhook.service.listening import listening
from webhook.service.probes import probe_application

_log = structlog.get_logger(__name__)


async def reconcile(settings: ReconcilerProcessSettings) -> None:
    """Run until SIGTERM or SIGINT. What was begun is picked up by the next process from what the cluster looks like."""
    registry = process_registry()
    policy = policy_keeper(settings, registry)
    client = await connect(kubeconfig=settings.kubeconfig)
    inventory = inventory_over(client, FOR_EXECUTION, registry)
    metrics = ReconcilerMetrics(registry)
    cluster = _cluster(settings, client, inventory, metrics, policy.current)
    queue = WorkQueue(jitter=random.random)
    controller = _controller(cluster, queue, inventory, metrics)
    sweep = RestorableSweep(inventory, again_after=queue.add_after, later=asyncio.get_running_loop().call_later)
    for listener in (controller.changed, sweep.changed, ObjectMetrics(registry).changed):
        inventory.subscribe(listener)
    elector = _elector(settings, client, metrics)
    coexistence = Coexistence(client, declared_stopped=settings.platform_controllers_stopped)

    async def candidacy() -> None:
        """Before the first lists are complete, "absent" would mean nothing, and others may know more."""
        await inventory.wait_synced()
        await coexistence.alone()
        await elector.lead(controller.run)

    async def leave() -> None:
        """What was begun is finished while the lease is still ours; it is released when the candidacy ends."""
        with suppress(TimeoutError):
            async with asyncio.timeout(settings.grace_seconds - settings.lease_seconds - EXIT_SECONDS):
                await controller.finish()

    heartbeat = Heartbeat(registry)
    probes = probe_application(
        registry,
        [controller.not_ready_reason, coexistence.not_ready_reason, of_inventory(inventory)],
        policy.describe,
        liveness=[heartbeat.not_alive_reason],
    )
    try:
        async with listening(probes, host=settings.host, port=settings.probe_port):
            await until_told_to_stop(
                heartbeat.run(), inventory.run(), coexistence.run(), candidacy(), policy.run(), leave=leave
            )
    finally:
        await client.close()


def _uptime() -> float:
    """Monotonic, and goes on while the machine is suspended, as the clocks of the other candidates do."""
    return time.clock_gettime(time.CLOCK_BOOTTIME)


def _elector(settings: ReconcilerProcessSettings, client: Client, metrics: ReconcilerMetrics) -> Elector:
    lock = LeaseLock(
        client,
        namespace=settings.namespace,
        name=settings.lease,
        identity=f"{socket.gethostname()}_{uuid4()}",
        now=wall_clock,
        settings=election_settings(settings.lease_seconds),
    )
    return Elector(lock, clock=_uptime, random=random.random, watchdog=ProcessWatchdog(), observer=metrics)


def _cluster(
    settings: ReconcilerProcessSettings,
    client: Client,
    inventory: Inventory,
    metrics: ReconcilerMetrics,
    policy: CurrentPolicy,
) -> Cluster:
    return Cluster(
        source=inventory,
        writes=ApiWrites(client, inventory),
        machines=PlatformMachines(client),
        events=EventRecorder(client, component="snapgate-reconciler", now=wall_clock),
        freezes=metrics,
        restores=metrics,
        clock=wall_clock,
        policy=policy,
        settings=ReconcilerSettings(
            freeze_deadline_seconds=settings.freeze_deadline_seconds,
            freeze_attempts=settings.freeze_attempts,
            cut_deadline_seconds=settings.cut_deadline_seconds,
            new_volume_deadline_seconds=settings.new_volume_deadline_seconds,
            workers=settings.workers,
        ),
    )


def _controller(cluster: Cluster, queue: WorkQueue, inventory: Inventory, metrics: ReconcilerMetrics) -> Controller:
    return Controller(reconcilers(cluster), queue, inventory, metrics, workers=cluster.settings.workers)
