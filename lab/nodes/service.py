"""The process: watches, the scheduler, the node and its pods together."""

from __future__ import annotations

import asyncio
import random
import shutil
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from lab.nodes.kinds import CONFIG_MAP, SECRET_FILES
from lab.nodes.kubelet import Kubelet
from lab.nodes.pod import POD
from lab.nodes.registration import keep_alive, register
from lab.nodes.scheduler import Scheduler
from lab.nodes.settings import NODE, NODE_ADDRESS, PROBE_PORT, Settings, pods_directory
from webhook.kube.client import Client
from webhook.kube.connect import connect
from webhook.kube.events import EventRecorder
from webhook.kube.reflector import Reflector


async def serve(settings: Settings) -> None:
    client = await connect(kubeconfig=settings.kubeconfig)
    try:
        await _serve(settings, client)
    finally:
        await client.close()


async def _serve(settings: Settings, client: Client) -> None:
    shutil.rmtree(pods_directory(settings.state), ignore_errors=True)  # the pods of an earlier run died with it
    events = EventRecorder(client, component="lab-node", now=_now, instance=NODE)
    async with asyncio.TaskGroup() as tasks:
        kubelet = Kubelet(settings, client, events, tasks)
        scheduler = Scheduler(client)
        watches = _watches(client, kubelet, scheduler)
        for watch in watches:
            tasks.create_task(watch.run())
        for watch in watches:
            await watch.synced.wait()
        await register(client, _now)
        tasks.create_task(keep_alive(client, _now))
        kubelet.start()
        tasks.create_task(scheduler.run())
        await _listen_for_probes()


def _watches(client: Client, kubelet: Kubelet, scheduler: Scheduler) -> Sequence[Reflector[Any]]:
    def reflector(kind: Any, sink: Any, field_selector: str = "") -> Reflector[Any]:
        return Reflector(client, kind, sink, field_selector=field_selector, clock=time.monotonic, random=random.random)

    return (
        reflector(POD, kubelet.pods, f"spec.nodeName={NODE}"),
        reflector(POD, scheduler.unbound, "spec.nodeName="),
        reflector(CONFIG_MAP, kubelet.config_maps),
        reflector(SECRET_FILES, kubelet.secrets),
    )


async def _listen_for_probes() -> None:
    """Only now: before this the connection is refused, which says "not ready" as clearly."""
    application = web.Application()
    application.router.add_get("/healthz", _healthy)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, str(NODE_ADDRESS), PROBE_PORT).start()


async def _healthy(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def _now() -> datetime:
    return datetime.now(UTC)
