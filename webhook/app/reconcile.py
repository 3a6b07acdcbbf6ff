"""The reconciler process."""

from __future__ import annotations

import asyncio
import random
import time
from typing import Any, Final

import structlog
from prometheus_client import CollectorRegistry

from webhook.api.kind import Kind
from webhook.api.secret import SECRET, SNAPSHOT_SECRET_TYPE
from webhook.api.storage import PERSISTENT_VOLUME_CLAIM, STORAGE_CLASS
from webhook.api.virtual_disk import VIRTUAL_DISK
from webhook.api.virtual_disk_snapshot import VIRTUAL_DISK_SNAPSHOT
from webhook.api.virtual_machine import VIRTUAL_MACHINE
from webhook.api.virtual_machine_snapshot import VIRTUAL_MACHINE_SNAPSHOT
from webhook.api.volume_snapshot import VOLUME_SNAPSHOT, VOLUME_SNAPSHOT_CLASS
from webhook.app.settings import ReconcilerProcessSettings
from webhook.facts.indexes import INDEXES
from webhook.findings.policy import Policy
from webhook.inventory.inventory import Inventory, Watched
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.events import EventRecorder
from webhook.machines.platform import PlatformMachines
from webhook.reconciler.clock import wall_clock
from webhook.reconciler.cluster import Cluster
from webhook.reconciler.controller import Controller
from webhook.reconciler.kinds.disk_snapshot import DiskSnapshots
from webhook.reconciler.kinds.machine_snapshot import MachineSnapshots
from webhook.reconciler.metrics import ReconcilerMetrics
from webhook.reconciler.queue import WorkQueue
from webhook.reconciler.settings import ReconcilerSettings
from webhook.reconciler.writes import ApiWrites
