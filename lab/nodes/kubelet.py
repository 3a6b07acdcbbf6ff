"""Which pods run here, and the life of each."""

from __future__ import annotations

import asyncio
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

import structlog

from lab.machines.table import Table
from lab.nodes.addresses import PodAddresses
from lab.nodes.environment import Placed
from lab.nodes.errors import UnsupportedError
from lab.nodes.images import command_of
from lab.nodes.kinds import ConfigMap, SecretFiles
from lab.nodes.pod import POD, Pod, first_container, read_spec
from lab.nodes.pod_life import PodLife
from lab.nodes.probing import ask_over_http
from lab.nodes.refusal import RefusedPod
from lab.nodes.reporting import Reporter
from lab.nodes.settings import Settings, pod_directory, pods_directory
from lab.nodes.status import PodState
from lab.nodes.surroundings import Event, Surroundings
from lab.nodes.tokens import Tokens
from lab.nodes.volumes import LookUp, Volumes
from webhook.kube.client import Client
from webhook.kube.events import EventRecorder

log = structlog.get_logger()


class Life(Protocol):
    async def run(self) -> None:
        """Until the pod has been deleted and everything of it has ended."""
        ...

    def end(self, grace_seconds: float) -> None: ...

    def vanished(self) -> None: ...

    def volumes_changed(self, *, config_map: str = "", secret: str = "") -> None: ...


@dataclass(frozen=True, slots=True)
class _Tenant:
    pod: Pod
    life: Life


class Kubelet:
    """Fed by watches; `tasks` holds the lives of the pods."""

    def __init__(self, settings: Settings, client: Client, events: EventRecorder, tasks: asyncio.TaskGroup) -> None:
        self.pods: Table[Pod] = Table(self._pod_changed)
        self.config_maps: Table[ConfigMap] = Table(self._config_map_changed)
        self.secrets: Table[SecretFiles] = Table(self._secret_changed)
        self._settings = settings
        self._client = client
        self._events = events
        self._tasks = tasks
        self._tenants: dict[str, _Tenant] = {}
        self._addresses: PodAddresses | None = None

    def start(self) -> None:
        """Call it when everything has been listed: before, an address might be another's."""
        self._addresses = PodAddresses(pod.status.pod_ip for pod in self.pods.all())
        for pod in self.pods.all():
            self._pod_changed(pod)

    def _pod_changed(self, changed: Pod) -> None:
        if self._addresses is None:
            return
        metadata = changed.metadata
        present = self.pods.get(metadata.namespace, metadata.name)
        tenant = self._tenants.get(metadata.uid)
        if present is None or present.metadata.uid != metadata.uid:
            if tenant is not None:
                tenant.life.vanished()
            return
        if tenant is None:
            tenant = self._tenants[metadata.uid] = self._move_in(present, self._addresses)
            self._tasks.create_task(self._live(tenant))
        if present.metadata.deleting:
            tenant.life.end(present.metadata.deletion_grace_period_seconds)

    def _move_in(self, pod: Pod, addresses: PodAddresses) -> _Tenant:
        around = self._surroundings(pod)
        try:
            spec = read_spec(pod)
            command_of(spec.container)
        except UnsupportedError as error:
            return _Tenant(pod, RefusedPod(error, around, PodState(*first_container(pod), around.now())))
        placed = Placed(pod, spec, addresses.next())
        volumes = Volumes(
            placed,
            around.directory / "volumes",
            Tokens(self._client, placed, time.monotonic),
            config_map=_look_up(self.config_maps),
            secret=_look_up(self.secrets),
        )
        state = PodState(
            spec.container.name, spec.container.image, around.now(), str(placed.address), restarts=_restarts(pod)
        )
        ask = ask_over_http(spec.container, placed.address)
        return _Tenant(pod, PodLife(placed, volumes, ask, around, state))

    async def _live(self, tenant: _Tenant) -> None:
        metadata = tenant.pod.metadata
        try:
            await tenant.life.run()
        finally:
            self._tenants.pop(metadata.uid, None)
            shutil.rmtree(self._directory(tenant.pod), ignore_errors=True)  # what a dying process still wrote

    def _surroundings(self, pod: Pod) -> Surroundings:
        return Surroundings(
            reporter=Reporter(self._client, pod),
            event=self._event_of(pod),
            now=_now,
            clock=time.monotonic,
            log=self._settings.logs / f"{pod.metadata.namespace}.{pod.metadata.name}.log",
            directory=self._directory(pod),
        )

    def _directory(self, pod: Pod) -> Path:
        return pod_directory(pods_directory(self._settings.state), pod.metadata.namespace, pod.metadata.name)

    def _event_of(self, pod: Pod) -> Event:
        async def event(event_type: str, reason: str, message: str) -> None:
            await self._events.record(POD, pod, reason=reason, message=message, type=event_type)

        return event

    def _config_map_changed(self, changed: ConfigMap) -> None:
        self._volumes_changed(changed.metadata.namespace, config_map=changed.metadata.name)

    def _secret_changed(self, changed: SecretFiles) -> None:
        self._volumes_changed(changed.metadata.namespace, secret=changed.metadata.name)

    def _volumes_changed(self, namespace: str, *, config_map: str = "", secret: str = "") -> None:
        for tenant in self._tenants.values():
            if tenant.pod.metadata.namespace == namespace:
                tenant.life.volumes_changed(config_map=config_map, secret=secret)


def _look_up(table: Table[ConfigMap] | Table[SecretFiles]) -> LookUp:
    def look_up(namespace: str, name: str) -> dict[str, bytes] | None:
        found = table.get(namespace, name)
        return None if found is None else found.files

    return look_up


def _restarts(pod: Pod) -> int:
    """A pod that has run before was left by an earlier run of this node: its container is started once more."""
    return max((status.restart_count + 1 for status in pod.status.container_statuses), default=0)


def _now() -> datetime:
    return datetime.now(UTC)
