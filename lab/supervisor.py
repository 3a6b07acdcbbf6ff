"""What PID 1 of a lab does: start everything, keep it running, end it."""

import asyncio
import json
import signal
import socket
import time
import traceback
from collections.abc import Awaitable
from dataclasses import asdict

from lab.addresses import API_SERVER_PORT
from lab.assembly import MANIFESTS, components
from lab.children import Children
from lab.context import Lab
from lab.control_plane import control_plane
from lab.errors import LabError
from lab.forwarding import forward
from lab.manifests import OUR_CRDS, PLATFORM_CRDS, Kubectl
from lab.reports import Reporter
from lab.snapgate.installation import install_snapgate
from lab.supervision import Supervision


class Supervisor:
    def __init__(self, lab: Lab, listener: socket.socket, connection: socket.socket, *, snapgate: bool) -> None:
        self._lab = lab
        self._listener = listener
        self._connection = connection
        self._snapgate = snapgate
        self._reporter = Reporter(connection)
        self._children = Children()
        self._supervision = Supervision(self._children, lab.paths.logs, self._publish)
        self._asked_to_stop = asyncio.Event()

    async def run(self) -> None:
        """Until SIGTERM, or until `up` goes away before everything is ready."""
        loop = asyncio.get_running_loop()
        self._children.reap_on(loop)
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._asked_to_stop.set)
        loop.add_reader(self._connection, self._asked_to_stop.set)  # `up` never writes: this is its end
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._asked_to_stop.wait())
        await asyncio.wait({starting, stopping}, return_when=asyncio.FIRST_COMPLETED)
        loop.remove_reader(self._connection)
        if starting.done() and starting.result():
            self._reporter.ready()
            self._connection.close()
            await stopping
        starting.cancel()
        stopping.cancel()
        await asyncio.gather(starting, stopping, return_exceptions=True)
        await self._supervision.stop()

    async def _start(self) -> bool:
        try:
            await self._start_everything()
        except LabError as error:
            self._reporter.failed(str(error))
            return False
        except Exception as error:  # noqa: BLE001 - whatever it is, `up` must hear of it and everything be stopped
            traceback.print_exc()
            self._reporter.failed(f"the lab's supervisor met {error!r}, a defect of the lab")
            return False
        return True

    async def _start_everything(self) -> None:
        etcd, api_server, controller_manager = control_plane(self._lab)
        await self._timed("etcd and kube-apiserver", self._supervision.start([etcd, api_server]))
        await forward(self._listener, "127.0.0.1", API_SERVER_PORT)
        await asyncio.gather(
            self._timed("kube-controller-manager", self._supervision.start([controller_manager])),
            self._timed("CRDs and manifests", self._apply_manifests()),
        )
        rest = components(self._lab)
        names = ", ".join(component.name for component in rest)
        starting = [self._timed(names, self._supervision.start(rest))]
        if self._snapgate:  # beside them: the machine side waits for the CRDs that the chart brings
            starting.append(self._timed("helm install snapgate", install_snapgate(self._lab, self._children)))
        await asyncio.gather(*starting)

    async def _apply_manifests(self) -> None:
        kubectl = Kubectl(self._lab, self._children)
        ours = () if self._snapgate else (OUR_CRDS,)
        await kubectl.apply_crds([self._lab.paths.snapshot_crds.resolve(), PLATFORM_CRDS, *ours])
        await kubectl.apply(MANIFESTS)

    async def _timed(self, what: str, step: Awaitable[None]) -> None:
        started = time.monotonic()
        await step
        self._reporter.say(f"{what}: {time.monotonic() - started:.1f} s")

    def _publish(self) -> None:
        """Replaced as a whole, so that a reader never sees half of it."""
        path = self._lab.paths.status
        unfinished = path.with_suffix(".unfinished")
        unfinished.write_text(json.dumps([asdict(status) for status in self._supervision.statuses]))
        unfinished.replace(path)
