"""The reconciler process."""

from __future__ import annotations

import random
import socket
import time
from uuid import uuid4

import structlog
from prometheus_client import CollectorRegistry

from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.app.clock import wall_clock
from webhook.app.coexistence import Coexistence
from webhook.app.lifecycle import until_told_to_stop
from webhook.app.readiness import of_inventory
from webhook.app.settings import ReconcilerProcessSettings
from webhook.app.watched import FOR_EXECUTION, inventory_over
from webhook.findings.policy import Policy
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
    inventory = inventory_over(client, FOR_EXECUTION, registry)
    metrics = ReconcilerMetrics(registry)
    cluster = _cluster(settings, client, inventory, metrics)
    controller = _controller(cluster, inventory, metrics)
    inventory.subscribe(controller.changed)
    elector = _elector(settings, client, metrics)
    coexistence = Coexistence(client, declared_stopped=settings.platform_controllers_stopped)

    async def candidacy() -> None:
        """Before the first lists are complete, "absent" would mean nothing, and others may know more."""
        await inventory.wait_synced()
        await coexistence.alone()
        await elector.lead(controller.run)

    probes = probe_application(registry, [of_inventory(inventory), coexistence.not_ready_reason])
    try:
        async with listening(probes, host=settings.host, port=settings.probe_port):
            await until_told_to_stop(inventory.run(), coexistence.run(), candidacy())
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
    settings: ReconcilerProcessSettings, client: Client, inventory: Inventory, metrics: ReconcilerMetrics
) -> Cluster:
    return Cluster(
        source=inventory,
        writes=ApiWrites(client, inventory),
        machines=PlatformMachines(client),
        events=EventRecorder(client, component="snapgate-reconciler", now=wall_clock),
        freezes=metrics,
        clock=wall_clock,
        policy=Policy(settings.profile),
        settings=ReconcilerSettings(
            freeze_deadline_seconds=settings.freeze_deadline_seconds,
            freeze_attempts=settings.freeze_attempts,
            cut_deadline_seconds=settings.cut_deadline_seconds,
            workers=settings.workers,
        ),
    )


def _controller(cluster: Cluster, inventory: Inventory, metrics: ReconcilerMetrics) -> Controller:
    reconcilers = {
        VIRTUAL_DISK_SNAPSHOT.name: DiskSnapshots(cluster).reconcile,
        VIRTUAL_MACHINE_SNAPSHOT.name: MachineSnapshots(cluster).reconcile,
    }
    queue = WorkQueue(jitter=random.random)
    return Controller(reconcilers, queue, inventory, metrics, workers=cluster.settings.workers)
