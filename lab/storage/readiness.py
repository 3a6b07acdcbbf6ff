from http import HTTPStatus

import aiohttp
import grpc.aio

from lab.storage.csi.csi_pb2 import ProbeRequest, ProbeResponse
from lab.storage.rpc import call

_PROBE_TIMEOUT_SECONDS = 2.0


async def driver_is_ready(endpoint: str) -> bool:
    """Whether the driver behind `endpoint` (`unix:PATH`) answers csi.v1.Identity/Probe with ready."""
    async with grpc.aio.insecure_channel(endpoint) as channel:
        try:
            reply = await call(
                channel, "/csi.v1.Identity/Probe", ProbeRequest(), ProbeResponse, timeout_seconds=_PROBE_TIMEOUT_SECONDS
            )
        except grpc.aio.AioRpcError:
            return False
    return reply.ready.value


async def sidecar_is_ready(address: str) -> bool:
    """Whether a sidecar serves metrics on `address` (`HOST:PORT`): without leader election it has no health check."""
    timeout = aiohttp.ClientTimeout(total=_PROBE_TIMEOUT_SECONDS)
    try:
        async with aiohttp.ClientSession(timeout=timeout) as session, session.get(f"http://{address}/metrics") as reply:
            return reply.status == HTTPStatus.OK
    except (aiohttp.ClientError, TimeoutError):
        return False
