"""The reconciler process."""

from __future__ import annotations

import random
import time

import structlog
from prometheus_client import CollectorRegistry

from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.app.clock import wall_clock
from webhook.app.lifecycle import until_told_to_stop
from webhook.app.readiness import of_inventory
from webhook.app.settings import ReconcilerProcessSettings
from webhook.app.watched import FOR_EXECUTION, indexes_over
from webhook.findings.policy import Policy
from webhook.inventory.inventory import Inventory
from webhook.inventory.metrics import InventoryMetrics
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.events import EventRecorder
from webhook.machines.platform import PlatformMachines
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.controller import Controller
from webhook.reconciler.kinds.disk_snapshot import DiskSnapshots
from webhook.reconciler.kinds.machine_snapshot import MachineSnapshots
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.queue import WorkQueue
from webhook.reconciler.settings import ReconcilerSettings
from webhook.reconciler.writes import ApiWrites
from webhook.service.listening import listening
from webhook.service.probes import probe_application

_log = structlog.get_logger(__name__)


async def reconcile(settings: ReconcilerProcessSettings) -> None:
    """Run until SIGTERM or SIGINT. What was begun is picked up by the next process from what the cluster looks like."""
    registry = CollectorRegistry()
    client = await connect(kubeconfig=settings.kubeconfig)
    inventory = Inventory(
        client,
        FOR_EXECUTION,
        indexes_over(FOR_EXECUTION),
        clock=time.monotonic,
        random=random.random,
        metrics=InventoryMetrics(registry),
    )
    metrics = ReconcilerMetrics(registry)
    controller = _controller(settings, client, inventory, metrics)
    inventory.subscribe(controller.changed)
    probes = probe_application(registry, [of_inventory(inventory)])
    try:
        async with listening(probes, host=settings.host, port=settings.probe_port):
            await until_told_to_stop(inventory.run(), _after_sync(inventory, controller))
    finally:
        await client.close()


async def _after_sync(inventory: Inventory, controller: Controller) -> None:
    """Before the first lists are complete, "absent" would mean nothing."""
    await inventory.wait_synced()
    _log.info("reconciling")
    await controller.run()


def _controller(
    settings: ReconcilerProcessSettings, client: Client, inventory: Inventory, metrics: ReconcilerMetrics
) -> Controller:
    tuned = ReconcilerSettings(
        freeze_deadline_seconds=settings.freeze_deadline_seconds,
        freeze_attempts=settings.freeze_attempts,
        cut_deadline_seconds=settings.cut_deadline_seconds,
        workers=settings.workers,
    )
    cluster = Cluster(
        source=inventory,
        writes=ApiWrites(client, inventory),
        machines=PlatformMachines(client),
        events=EventRecorder(client, component="snapgate-reconciler", now=wall_clock),
        freezes=metrics,
        clock=wall_clock,
        policy=Policy(settings.profile),
        settings=tuned,
    )
    reconcilers = {
        VIRTUAL_DISK_SNAPSHOT.name: DiskSnapshots(cluster).reconcile,
        VIRTUAL_MACHINE_SNAPSHOT.name: MachineSnapshots(cluster).reconcile,
    }
    return Controller(reconcilers, WorkQueue(jitter=random.random), inventory, metrics, workers=tuned.workers)
