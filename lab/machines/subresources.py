"""The aggregated API `subresources.virtualization.deckhouse.io`: freeze and unfreeze of running machines."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import msgspec
import structlog
from aiohttp import web

from lab.machines.agent import GuestAgents
from lab.machines.authorization import Authorizer
from lab.machines.discovery import (
    AGGREGATED,
    AGGREGATED_MEDIA_TYPE,
    GROUP,
    GROUP_VERSION,
    GROUPS,
    OPENAPI_V2,
    OPENAPI_V3,
    RESOURCES,
)
from lab.machines.duration import parse_duration
from lab.machines.front_proxy import caller_from
from lab.machines.refusal import RefusedError, bad_request, forbidden, internal_error
from webhook.api.virtualization import SUBRESOURCES_GROUP

MAX_BODY_BYTES: Final = 64 * 1024

_MACHINE: Final = f"/apis/{GROUP_VERSION}/namespaces/{{namespace}}/virtualmachines/{{name}}"
_Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

log = structlog.get_logger()


class FreezeRequest(msgspec.Struct, frozen=True, rename="camel"):
    unfreeze_timeout: str = "0s"
    """Zero leaves the thaw to the caller."""


def subresource_application(agents: GuestAgents, authorizer: Authorizer) -> web.Application:
    async def freeze(request: web.Request) -> web.Response:
        namespace, name = request.match_info["namespace"], request.match_info["name"]
        await _authorize(request, authorizer, "freeze")
        await agents.freeze(namespace, name, _thaw_after(await request.read()))
        return _success()

    async def unfreeze(request: web.Request) -> web.Response:
        await _authorize(request, authorizer, "unfreeze")
        await agents.thaw(request.match_info["namespace"], request.match_info["name"])
        return _success()

    application = web.Application(middlewares=[_answer_in_statuses], client_max_size=MAX_BODY_BYTES)
    application.router.add_put(f"{_MACHINE}/freeze", freeze)
    application.router.add_put(f"{_MACHINE}/unfreeze", unfreeze)
    # Open to every authenticated caller, as system:discovery opens it on the API server.
    application.router.add_get("/apis", _groups)
    for path, document in _DOCUMENTS.items():
        application.router.add_get(path, _serve(document))
    return application


_DOCUMENTS: Final = {
    f"/apis/{SUBRESOURCES_GROUP}": GROUP,
    f"/apis/{GROUP_VERSION}": RESOURCES,
    "/openapi/v2": OPENAPI_V2,
    "/openapi/v3": OPENAPI_V3,
}


@web.middleware
async def _answer_in_statuses(request: web.Request, handler: _Handler) -> web.StreamResponse:
    try:
        return await handler(request)
    except RefusedError as refusal:
        return _json(refusal.body, refusal.code)
    except web.HTTPException as error:
        return _json(RefusedError(error.status, error.reason.replace(" ", ""), error.text or "").body, error.status)
    except Exception as error:  # a client of the Kubernetes API expects a Status, also for our own defects
        log.exception("request failed", path=request.path)
        return _json(internal_error(f"the machine side of the lab failed: {error}; see its log").body, 500)


async def _authorize(request: web.Request, authorizer: Authorizer, subresource: str) -> None:
    caller = caller_from(request.headers.items())
    namespace, name = request.match_info["namespace"], request.match_info["name"]
    if not await authorizer.allows(caller, namespace, name, subresource):
        raise forbidden(
            f'User "{caller.user}" cannot update resource "virtualmachines/{subresource}" in API group '
            f'"{SUBRESOURCES_GROUP}" in the namespace "{namespace}"'
        )


def _thaw_after(body: bytes) -> timedelta:
    try:
        text = msgspec.json.decode(body, type=FreezeRequest).unfreeze_timeout if body else "0s"
    except msgspec.DecodeError as error:
        raise bad_request(f'the body is not {{"unfreezeTimeout": "<duration>"}}: {error}') from error
    timeout = parse_duration(text)
    if timeout is None or timeout < timedelta():
        raise bad_request(f'unfreezeTimeout "{text}" is no duration of zero or more; write for example "30s"')
    return timeout


async def _groups(request: web.Request) -> web.Response:
    if "as=APIGroupDiscoveryList" in request.headers.get("Accept", ""):
        return web.Response(body=msgspec.json.encode(AGGREGATED), headers={"Content-Type": AGGREGATED_MEDIA_TYPE})
    return _json(GROUPS)


def _serve(document: dict[str, Any]) -> _Handler:
    async def serve(_: web.Request) -> web.StreamResponse:
        return _json(document)

    return serve


def _success() -> web.Response:
    return _json({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})


def _json(document: dict[str, Any], status: int = 200) -> web.Response:
    return web.Response(body=msgspec.json.encode(document), status=status, content_type="application/json")
