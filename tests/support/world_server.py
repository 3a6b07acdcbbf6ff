"""An API server that has what a world has, for one user with limited rights."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from aiohttp import web

from tests.support.fake_api_server import status
from tests.support.world import World
from webhook.api.kind import Kind
from webhook.api.kinds import KINDS


class WorldServer:
    """Reads only; the user may do everything but what is `refused`, such as `create virtualdisks`.

    `asked` are the paths of reads, in the order in which they came.
    """

    def __init__(
        self,
        world: World,
        *,
        forbidden: Collection[Kind[Any]] = (),
        unserved: Collection[Kind[Any]] = (),
        refused: Collection[str] = (),
        schemas: str = "{}",
    ) -> None:
        self.asked: list[str] = []
        self._world = world
        self._forbidden = forbidden
        self._unserved = unserved
        self._refused = refused
        self._schemas = schemas

    def application(self) -> web.Application:
        application = web.Application()
        application.router.add_post("/apis/authentication.k8s.io/v1/selfsubjectreviews", self._who)
        application.router.add_post("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", self._may)
        application.router.add_get("/openapi/v3/{path:.*}", self._openapi)
        application.router.add_get("/{path:.*}", self.answer)
        return application

    async def _openapi(self, _: web.Request) -> web.Response:
        return web.Response(text=self._schemas)

    async def _who(self, _: web.Request) -> web.Response:
        return web.json_response({"status": {"userInfo": {"username": "carol", "groups": ["devs"]}}})

    async def _may(self, request: web.Request) -> web.Response:
        asked = (await request.json())["spec"]["resourceAttributes"]
        return web.json_response({"status": {"allowed": f"{asked['verb']} {asked['resource']}" not in self._refused}})

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(request.path)
        for kind in KINDS:
            for namespace in {
                "",
                *(each["metadata"].get("namespace", "") for each in self._world.all(kind)),
                "default",
            }:
                collection = kind.path(namespace)
                if request.path == collection or request.path.startswith(f"{collection}/"):
                    return self._found(kind, namespace, request.path.removeprefix(collection).strip("/"))
        return web.Response(status=404, text="404 page not found")

    def _found(self, kind: Kind[Any], namespace: str, name: str) -> web.Response:
        if kind in self._unserved:
            return web.Response(status=404, text="404 page not found")
        if kind in self._forbidden:
            reason = f'{kind.resource} is forbidden: User "carol" cannot read resource "{kind.plural}"'
            return web.json_response(status(403, "Forbidden", reason), status=403)
        found = [each for each in self._world.all(kind) if namespace in {"", each["metadata"].get("namespace", "")}]
        if not name:
            return web.json_response({"kind": "List", "metadata": {"resourceVersion": "1"}, "items": found})
        named = [each for each in found if each["metadata"]["name"] == name]
        if not named:
            return web.json_response(status(404, "NotFound", f'{kind.resource} "{name}" not found'), status=404)
        return web.json_response(named[0])
