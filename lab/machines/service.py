"""The process: watches, passes, guests and the subresource API together."""

from __future__ import annotations

import asyncio
import random
import time
from datetime import UTC, datetime

from aiohttp import web

from lab.machines.agent import GuestAgents
from lab.machines.authorization import Authorizer
from lab.machines.controller import Controller, enqueue_machine
from lab.machines.freezing import Freezes
from lab.machines.front_proxy import front_proxy_tls
from lab.machines.guest_log import GuestLog
from lab.machines.hypervisor import Hypervisor
from lab.machines.instances import Instances
from lab.machines.queue import KeyQueue
from lab.machines.reconcilers import reconcilers
from lab.machines.registration import trust
from lab.machines.settings import (
    PROBE_ADDRESS,
    PROBE_PORT,
    SUBRESOURCE_ADDRESS,
    SUBRESOURCE_PORT,
    Settings,
    freezes_file,
    guest_log_file,
    instances_file,
)
from lab.machines.simulated_hypervisor import SimulatedHypervisor
from lab.machines.stopwatch import Stopwatch
from lab.machines.subresources import subresource_application
from lab.machines.watching import availability_watch, world_watches
from lab.machines.world import World
from lab.qemu.hypervisor import QemuHypervisor
from webhook.api.reference import Reference
from webhook.kube.client import Client
from webhook.kube.connect import connect


async def serve(settings: Settings) -> None:
    client = await connect(kubeconfig=settings.kubeconfig)
    try:
        await _serve(settings, client)
    finally:
        await client.close()


async def _serve(settings: Settings, client: Client) -> None:
    queue: KeyQueue[Reference] = KeyQueue()
    instances = Instances(instances_file(settings.state))
    world = World(queue.add, instances.get)
    freezes = Freezes(
        freezes_file(settings.state),
        GuestLog(guest_log_file(settings.state)),
        _now,
        lambda namespace, name: enqueue_machine(queue, namespace, name),
    )
    hypervisor = _hypervisor(settings, world, freezes, queue)
    agents = GuestAgents(world.machines.get, freezes, hypervisor)
    watches = world_watches(client, world, clock=time.monotonic, random=random.random)
    available = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for watch in watches:
            tasks.create_task(watch.run())
        for watch in watches:
            await watch.synced.wait()
        await hypervisor.open(tasks)
        by_kind = await reconcilers(client, world, freezes, instances, queue, _now, hypervisor)
        tasks.create_task(Controller(by_kind, queue).run())
        tasks.create_task(freezes.run(hypervisor.thaw))
        await _listen_for_subresources(settings, subresource_application(agents, Authorizer(client)))
        await trust(client, settings.authority_pem)
        tasks.create_task(availability_watch(client, available, clock=time.monotonic, random=random.random).run())
        await available.wait()
        await _listen_for_probes()


def _hypervisor(settings: Settings, world: World, freezes: Freezes, queue: KeyQueue[Reference]) -> Hypervisor:
    if settings.guest is None:
        return SimulatedHypervisor(world, freezes, settings.storage, Stopwatch(time.monotonic), _now)
    return QemuHypervisor(
        image=settings.guest,
        state=settings.state,
        sockets=settings.sockets,
        storage=settings.storage,
        freezes=freezes,
        changed=lambda namespace, name: enqueue_machine(queue, namespace, name),
    )


async def _listen_for_subresources(settings: Settings, application: web.Application) -> None:
    tls = front_proxy_tls(settings.certificate, settings.key, settings.front_proxy_authority)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, SUBRESOURCE_ADDRESS, SUBRESOURCE_PORT, ssl_context=tls).start()


async def _listen_for_probes() -> None:
    """Only now: before this the connection is refused, which says "not ready" as clearly."""
    application = web.Application()
    application.router.add_get("/readyz", _ready)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, PROBE_ADDRESS, PROBE_PORT).start()


async def _ready(_: web.Request) -> web.Response:
    return web.Response(text="ok")


def _now() -> datetime:
    return datetime.now(UTC)
